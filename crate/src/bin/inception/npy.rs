//! NumPy's `.npy`, version 1 to 3, little-endian f32 in C order (NEP 1).

/// A file of version 1, its header padded so that the values start at a multiple of 64 bytes.
pub fn write(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", sides.trim_end());
    let padding = 63 - (10 + header.len()) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// Shape and values of an array.
pub fn read(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f32>), String> {
    let cut = || "the .npy header is cut short".to_string();
    let (long, start) = match bytes.get(6) {
        Some(1) => (false, 10),
        Some(2 | 3) => (true, 12),
        _ => return Err("not a .npy file of a known version".into()),
    };
    let size = bytes.get(8..start).ok_or_else(cut)?;
    let length = match long {
        false => usize::from(u16::from_le_bytes([size[0], size[1]])),
        true => u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize,
    };
    let end = start.checked_add(length).ok_or_else(cut)?;
    let header = String::from_utf8_lossy(bytes.get(start..end).ok_or_else(cut)?).into_owned();
    if !header.contains("'<f4'") || !header.contains("'fortran_order': False") {
        return Err(format!("the array has to be little-endian f32 in C order, its header is {}", header.trim()));
    }
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).map(|(shape, _)| shape);
    let sides = shape.ok_or("the .npy header has no shape")?.split(',').map(str::trim).filter(|s| !s.is_empty());
    let shape: Vec<usize> = sides.map(str::parse).collect::<Result<_, _>>().map_err(|e| format!("shape: {e}"))?;
    let wanted = shape.iter().try_fold(4usize, |n, &side| n.checked_mul(side)).ok_or("the shape is too large")?;
    let data = &bytes[end..];
    if data.len() != wanted {
        return Err(format!("{} bytes of values, the shape {shape:?} takes {wanted}", data.len()));
    }
    let values = data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Ok((shape, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for shape in [vec![2, 3, 1], vec![6], vec![1, 1, 1, 6]] {
            let values = [0.5, -1.0, 2.0, f32::MIN_POSITIVE, 1e30, 0.0];
            let bytes = write(&shape, &values);
            assert_eq!((bytes.len() - 24) % 64, 0);
            assert_eq!(read(&bytes), Ok((shape, values.to_vec())));
        }
    }
}
