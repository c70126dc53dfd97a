//! Stored bytes to f32, and the weight layouts of the libraries to OIHW and `[out, in]`.

use half::bf16;

use super::{Affine, Quantization, StoredType};

/// How a dialect orders the axes of a weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axes {
    /// OIHW and `[out, in]`, the latter also as a 1x1 convolution: PyTorch, Caffe, ours.
    #[default]
    OutputFirst,
    /// HWIO and `[in, out]`, the latter also as a 1x1 convolution: TensorFlow, Keras.
    OutputLast,
}

impl Axes {
    /// The shape in the file of a weight that is `[out, in, ..]` here; `rank` is that of the tensor found.
    pub fn stored_shape(self, shape: &[usize], rank: usize) -> Vec<usize> {
        match (self, shape) {
            (Self::OutputLast, &[o, i, h, w]) => vec![h, w, i, o],
            (Self::OutputLast, &[o, i]) if rank == 4 => vec![1, 1, i, o],
            (Self::OutputLast, &[o, i]) => vec![i, o],
            (Self::OutputFirst, &[o, i]) if rank == 4 => vec![o, i, 1, 1],
            _ => shape.to_vec(),
        }
    }

    /// Brings a tensor that is `[out, in, ..]` here from the file's order into ours.
    pub fn arrange<T: Copy>(self, values: Vec<T>, shape: &[usize]) -> Vec<T> {
        match (self, shape) {
            (Self::OutputLast, [outputs, inputs, rest @ ..]) => {
                let mut arranged = values.clone();
                let positions: usize = rest.iter().product();
                for p in 0..positions {
                    let position = &values[p * inputs * outputs..][..inputs * outputs];
                    transpose(position, *outputs, |o, i, v| arranged[(o * inputs + i) * positions + p] = v);
                }
                arranged
            }
            _ => values,
        }
    }
}

/// Visits a matrix of `columns` tile by tile, so that neither side leaves the cache: column, row, value.
fn transpose<T: Copy>(matrix: &[T], columns: usize, mut visit: impl FnMut(usize, usize, T)) {
    const TILE: usize = 16;
    for (band, rows) in matrix.chunks(TILE * columns.max(1)).enumerate() {
        for left in (0..columns).step_by(TILE) {
            for c in left..columns.min(left + TILE) {
                for (r, row) in rows.chunks_exact(columns).enumerate() {
                    visit(c, band * TILE + r, row[c]);
                }
            }
        }
    }
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    bytes.as_chunks::<2>().0.iter().copied()
}

/// Binary16 to binary32 without branches, so that it vectorises: a multiplication by 2^112 moves the exponent
/// and makes subnormal numbers normal; infinities and NaN keep all exponent bits.
fn half_to_f32(half: u16) -> f32 {
    let [sign, magnitude] = [half & 0x8000, half & 0x7fff].map(u32::from);
    let scaled = f32::from_bits(magnitude << 13) * f32::from_bits((127 + 112) << 23);
    let special = if magnitude >= 0x7c00 { 0x7f80_0000 } else { 0 };
    f32::from_bits(scaled.to_bits() | special | sign << 16)
}

/// Appends the numbers behind the next bytes of a tensor with rows of `row` numbers, in their stored order; `values` holds those
/// before. `None` for types that hold no weights, and for codes without a scale.
pub(in crate::checkpoints) fn decode(
    bytes: &[u8],
    dtype: StoredType,
    quantization: Option<&Quantization>,
    row: usize,
    values: &mut Vec<f32>,
) -> Option<()> {
    match (dtype, quantization) {
        (StoredType::F32, _) => values.extend(bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b))),
        (StoredType::F16, _) => values.extend(pairs(bytes).map(|b| half_to_f32(u16::from_le_bytes(b)))),
        (StoredType::Bf16, _) => values.extend(pairs(bytes).map(|b| bf16::from_le_bytes(b).to_f32())),
        (StoredType::F64, _) => values.extend(bytes.as_chunks::<8>().0.iter().map(|&b| f64::from_le_bytes(b) as f32)),
        (StoredType::I8, Some(q)) => by_rows(bytes, q, row, values, |codes, affine, values| {
            values.extend(codes.iter().map(|&code| affine.number(f64::from(code as i8))));
        })?,
        (StoredType::U8, Some(q)) => by_rows(bytes, q, row, values, decode_bytes)?,
        (StoredType::U16, Some(q)) => {
            by_rows(bytes.as_chunks::<2>().0, q, row, values, |codes, affine, values| {
                values.extend(codes.iter().map(|&b| affine.value(u16::from_le_bytes(b))));
            })?;
        }
        (StoredType::U8 | StoredType::I8 | StoredType::U16, None) | (StoredType::Other(..), _) => return None,
    }
    Some(())
}

/// Decodes codes row by row where each has its own scale; `None` where there are more rows than scales.
fn by_rows<T>(
    mut codes: &[T],
    quantization: &Quantization,
    row: usize,
    values: &mut Vec<f32>,
    decode: impl Fn(&[T], Affine, &mut Vec<f32>),
) -> Option<()> {
    match quantization {
        Quantization::Tensor(affine) => decode(codes, *affine, values),
        Quantization::Columns(columns) => {
            for code in codes.chunks(1) {
                let column = values.len().checked_rem(columns.len())?;
                decode(code, columns[column], values);
            }
        }
        Quantization::Channels(channels) => {
            while !codes.is_empty() {
                let (channel, within) = (values.len().checked_div(row)?, values.len() % row);
                let (now, rest) = codes.split_at(codes.len().min(row - within));
                decode(now, *channels.get(channel)?, values);
                codes = rest;
            }
        }
    }
    Some(())
}

/// Many codes go through a table.
fn decode_bytes(codes: &[u8], affine: Affine, values: &mut Vec<f32>) {
    if codes.len() > 1024 {
        let table: [f32; 256] = std::array::from_fn(|code| affine.value(code as u16));
        values.extend(codes.iter().map(|&code| table[usize::from(code)]));
    } else {
        values.extend(codes.iter().map(|&code| affine.value(code.into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hwio_becomes_oihw() {
        let (o, i, h, w) = (2, 3, 2, 1);
        let code = |o: usize, i: usize, h: usize, w: usize| (o * 1000 + i * 100 + h * 10 + w) as u32;
        let mut hwio = vec![];
        let mut oihw = vec![];
        for hh in 0..h {
            for ww in 0..w {
                for ii in 0..i {
                    hwio.extend((0..o).map(|oo| code(oo, ii, hh, ww)));
                }
            }
        }
        for oo in 0..o {
            for ii in 0..i {
                for hh in 0..h {
                    oihw.extend((0..w).map(|ww| code(oo, ii, hh, ww)));
                }
            }
        }
        assert_eq!(Axes::OutputLast.arrange(hwio.clone(), &[o, i, h, w]), oihw);
        assert_eq!(Axes::OutputFirst.arrange(hwio.clone(), &[o, i, h, w]), hwio);
        assert_eq!(Axes::OutputLast.stored_shape(&[o, i, h, w], 4), [h, w, i, o]);
        assert_eq!(Axes::OutputLast.arrange(vec![1, 2, 3, 4, 5, 6], &[2, 3]), [1, 3, 5, 2, 4, 6]);
    }

    #[test]
    fn every_half_is_what_the_half_crate_says() {
        for bits in 0..=u16::MAX {
            let (found, wanted) = (half_to_f32(bits), half::f16::from_bits(bits).to_f32());
            assert!(found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan(), "{bits:#06x}");
        }
    }

    #[test]
    fn every_element_type_decodes() {
        let q = Quantization::Tensor(Affine { scale: 0.5, min: -1.0 });
        let decode = |bytes: &[u8], dtype, quantization: Option<&Quantization>| {
            let mut values = vec![];
            decode(bytes, dtype, quantization, 1, &mut values).map(|()| values)
        };
        assert_eq!(decode(&1.5f32.to_le_bytes(), StoredType::F32, None), Some(vec![1.5]));
        assert_eq!(decode(&[0x00, 0x3e], StoredType::F16, None), Some(vec![1.5]));
        assert_eq!(decode(&[0xc0, 0x3f], StoredType::Bf16, None), Some(vec![1.5]));
        assert_eq!(decode(&[0, 5], StoredType::U8, Some(&q)), Some(vec![-1.0, 1.5]));
        assert_eq!(decode(&[5, 0], StoredType::U16, Some(&q)), Some(vec![1.5]));
        assert_eq!(decode(&[5], StoredType::U8, None), None);
        assert_eq!(decode(&[0; 8], StoredType::Other("I64", 8), None), None);
    }
    #[test]
    fn each_row_has_its_own_scale_however_the_bytes_come() {
        let pair = |scale, min| Affine { scale, min };
        let q = Quantization::Channels(vec![pair(1.0, 0.0), pair(0.5, -1.0), pair(0.0, 7.0)]);
        let wanted = [0.0, 1.0, 2.0, 0.5, 1.0, 1.5, 7.0, 7.0, 7.0];
        let bytes: Vec<u8> = (0..9).collect();
        let wide: Vec<u8> = bytes.iter().flat_map(|&b| [b, 0]).collect();
        for piece in 1..=9 {
            let mut values = vec![];
            bytes.chunks(piece).for_each(|b| assert_eq!(decode(b, StoredType::U8, Some(&q), 3, &mut values), Some(())));
            assert_eq!(values, wanted);
            values.clear();
            wide.chunks(2 * piece)
                .for_each(|b| assert_eq!(decode(b, StoredType::U16, Some(&q), 3, &mut values), Some(())));
            assert_eq!(values, wanted);
        }
        let mut values = vec![];
        assert_eq!(decode(&[0; 10], StoredType::U8, Some(&q), 3, &mut values), None, "a row more than scales");
        let long: Vec<u8> = (0..2048).map(|i| i as u8).collect();
        let mut values = vec![];
        let one = Quantization::Channels(vec![pair(0.25, 3.0)]);
        assert_eq!(decode(&long, StoredType::U8, Some(&one), 2048, &mut values), Some(()));
        assert!(values.iter().zip(&long).all(|(&v, &code)| v == f32::from(code) * 0.25 + 3.0));
    }
}
