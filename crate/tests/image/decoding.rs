use std::sync::LazyLock;

use inception::image::{ImageError, MAX_SIDE, decode, decode_common, decode_rare, from_rgb, from_rgba};
use serde::Deserialize;

use super::{distance, goldens, open, read};

#[derive(Deserialize)]
struct Case {
    file: String,
    expected: String,
}

/// Name and bytes of every file to decode.
pub static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    cases().into_iter().map(|case| (case.file.clone(), read(goldens("decode").join(&case.file)))).collect()
});

fn cases() -> Vec<Case> {
    serde_json::from_slice(&read(goldens("decode").join("cases.json"))).unwrap()
}

/// Levels that a decoder may differ from Pillow's: JPEG's inverse transform and colour conversion are not exact.
fn tolerance(file: &str) -> u8 {
    if file.ends_with(".jpg") { 4 } else { 0 }
}

#[test]
fn every_format_decodes_to_pillows_pixels() {
    let cases = cases();
    for suffix in ["jpg", "png", "webp", "gif", "bmp"] {
        assert!(cases.iter().any(|case| case.file.ends_with(suffix)), "no {suffix} among the goldens");
    }
    for case in cases {
        let found = open(goldens("decode").join(&case.file));
        let expected = open(goldens("decode").join(&case.expected));
        assert_eq!((found.width, found.height), (expected.width, expected.height), "{}", case.file);
        let apart = distance(&found.pixels, &expected.pixels);
        println!("{:24} {apart:?}", case.file);
        assert!(apart.max <= tolerance(&case.file), "{}: {apart:?}", case.file);
    }
}

#[test]
fn each_format_is_read_by_one_of_two_parts() {
    for (file, bytes) in FILES.iter() {
        let whole = decode(bytes, 1 << 20).unwrap();
        let (common, rare) = (decode_common(bytes, 1 << 20).unwrap(), decode_rare(bytes, 1 << 20));
        if file.ends_with(".jpg") || file.ends_with(".png") {
            assert_eq!(common.as_ref(), Some(&whole), "{file}");
            assert!(matches!(rare, Err(ImageError::UnknownFormat { .. })), "{file}");
        } else {
            assert_eq!((common, rare), (None, Ok(whole)), "{file}");
        }
    }
    for bytes in [&b""[..], b"no picture", b"II*\0"] {
        let error = decode(bytes, 1).unwrap_err();
        assert_eq!(decode_common(bytes, 1), Err(error.clone()));
        assert_eq!(decode_rare(bytes, 1), Err(error));
    }
}

#[test]
fn rgb_pixels_are_taken_as_they_are() {
    assert_eq!(from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap().pixels, [1, 2, 3, 4, 5, 6]);
    let error = from_rgb(2, 2, vec![0; 11]).unwrap_err();
    assert_eq!(error, ImageError::BufferSize { width: 2, height: 2, channels: 3, found: 11 });
    assert_eq!(from_rgb(7, 0, Vec::new()).unwrap_err(), ImageError::Empty { width: 7, height: 0 });
}

#[test]
fn rgba_pixels_are_laid_over_white() {
    let rgba = [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 255, 128];
    let image = from_rgba(3, 1, &rgba).unwrap();
    assert_eq!((image.width, image.height), (3, 1));
    assert_eq!(image.pixels, [10, 20, 30, 255, 255, 255, 127, 177, 255]);
}

#[test]
fn rgba_pixels_of_another_size_are_refused() {
    let error = from_rgba(2, 2, &[0; 15]).unwrap_err();
    assert_eq!(error, ImageError::BufferSize { width: 2, height: 2, channels: 4, found: 15 });
    assert_eq!(error.to_string(), "2 x 2 pixels of 4 bytes do not fit a buffer of 15 bytes");
    assert_eq!(from_rgba(0, 7, &[]).unwrap_err(), ImageError::Empty { width: 0, height: 7 });
    let (width, height, limit) = (MAX_SIDE + 1, 1, MAX_SIDE);
    let long = vec![0; 4 * width as usize];
    assert_eq!(from_rgba(width, height, &long).unwrap_err(), ImageError::TooLong { width, height, limit });
    assert!(matches!(from_rgba(u32::MAX, u32::MAX, &[0; 4]), Err(ImageError::TooLong { .. })));
}
