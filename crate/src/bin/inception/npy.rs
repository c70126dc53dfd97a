//! NumPy's `.npy`, version 1 to 3, little-endian f32 in C order (NEP 1).

use std::io::{Error, Result, Seek, SeekFrom, Write};

/// A file of version 1, its header padded so that the values start at a multiple of 64 bytes.
pub fn write(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut bytes = header(shape, 0);
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// What stands in front of the values, at least so many bytes.
fn header(shape: &[usize], least: usize) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", sides.trim_end());
    let length = (11 + header.len()).max(least).next_multiple_of(64);
    header.extend(std::iter::repeat_n(' ', length - 11 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}

/// Room for a header with any number of rows.
const ROOM: usize = 128;

/// An array `[rows, columns]` that is written row by row; its header says how many there are when it is finished.
pub struct Stream<W> {
    file: W,
    rows: usize,
    columns: usize,
}

impl<W: Write + Seek> Stream<W> {
    /// Begins a file.
    pub fn new(mut file: W, columns: usize) -> Result<Self> {
        file.write_all(&header(&[0, columns], ROOM))?;
        Ok(Self { file, rows: 0, columns })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Another number of values than there are columns, and what the system says.
    pub fn push(&mut self, row: &[f32]) -> Result<()> {
        if row.len() != self.columns {
            return Err(Error::other(format!("a row of {} values among rows of {}", row.len(), self.columns)));
        }
        let bytes: Vec<u8> = row.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.file.write_all(&bytes)?;
        self.rows += 1;
        Ok(())
    }

    /// Writes the number of rows into the header.
    pub fn finish(&mut self) -> Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(&[self.rows, self.columns], ROOM))?;
        self.file.seek(SeekFrom::End(0))?;
        self.file.flush()
    }
}

/// Shape and values of an array.
pub fn read(bytes: &[u8]) -> std::result::Result<(Vec<usize>, Vec<f32>), String> {
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
    let shape: Vec<usize> =
        sides.map(str::parse).collect::<std::result::Result<_, _>>().map_err(|e| format!("shape: {e}"))?;
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
    #![allow(clippy::unwrap_used)]

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

    #[test]
    fn a_stream_is_whole_when_it_is_finished() {
        let mut file = std::io::Cursor::new(Vec::new());
        let mut stream = Stream::new(&mut file, 2).unwrap();
        stream.push(&[1.0, 2.0]).unwrap();
        stream.finish().unwrap();
        stream.push(&[3.0, 4.0]).unwrap();
        assert!(stream.push(&[5.0]).is_err());
        stream.finish().unwrap();
        assert_eq!(read(file.get_ref()), Ok((vec![2, 2], vec![1.0, 2.0, 3.0, 4.0])));
        assert_eq!((file.get_ref().len() - 16) % 64, 0);
        let largest = header(&[usize::MAX, usize::MAX], ROOM);
        assert_eq!(largest.len(), header(&[0, usize::MAX], ROOM).len());
    }
}
