use inception::image::{ImageError, decode};
use proptest::prelude::*;

use super::LIMIT;
use super::decoding::FILES;

/// CRC-32 of a PNG chunk (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c: u32, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}

/// Gives every whole chunk of a PNG its right checksum, so that a change reaches past the checksums.
fn repair_png(bytes: &mut [u8]) {
    let mut at = 8;
    while let Some(&length) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        let end = at + 8 + u32::from_be_bytes(length) as usize;
        if bytes.len() < end + 4 {
            return;
        }
        let sum = crc(&bytes[at + 4..end]);
        bytes[end..end + 4].copy_from_slice(&sum.to_be_bytes());
        at = end + 4;
    }
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|window| window == needle).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    FILES.iter().find(|(file, _)| file == name).unwrap().1.clone()
}

/// A file of each format with another size in its header.
fn resized(width: u16, height: u16) -> Vec<(&'static str, Vec<u8>)> {
    let patched = |name, at: usize, value: &[u8]| {
        let mut bytes = file(name);
        bytes[at..at + value.len()].copy_from_slice(value);
        bytes
    };
    let big = |v: u16| v.to_be_bytes();
    let little = |v: u16| v.to_le_bytes();
    let wide = |v: u16| u32::from(v).to_be_bytes();
    let mut png = patched("rgb.png", 16, &[wide(width), wide(height)].concat());
    repair_png(&mut png);
    let sof = find(&file("rgb-444.jpg"), &[0xff, 0xc0]) + 5;
    let bmp = [u32::from(width).to_le_bytes(), u32::from(height).to_le_bytes()].concat();
    vec![
        ("PNG", png),
        ("JPEG", patched("rgb-444.jpg", sof, &[big(height), big(width)].concat())),
        ("GIF", patched("still.gif", 6, &[little(width), little(height)].concat())),
        ("BMP", patched("rgb.bmp", 18, &bmp)),
        ("WebP", patched("lossy.webp", 26, &[little(width & 0x3fff), little(height & 0x3fff)].concat())),
    ]
}

#[test]
fn a_decompression_bomb_is_refused_by_its_header() {
    for (format, bytes) in resized(16_000, 16_001) {
        let error = decode(&bytes, 50_000_000).unwrap_err();
        let expected = ImageError::TooManyPixels { width: 16_000, height: 16_001, limit: 50_000_000 };
        assert_eq!(error, expected, "{format}");
        let message = "the picture is too large: 16000 x 16001 is 256016000 pixels, the limit is 50000000";
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_limit_itself_is_allowed() {
    let bytes = file("rgb.png");
    let pixels = 27 * 18;
    assert!(decode(&bytes, pixels).is_ok());
    assert!(matches!(decode(&bytes, pixels - 1), Err(ImageError::TooManyPixels { .. })));
}

#[test]
fn a_huge_frame_on_a_small_gif_is_refused() {
    let mut bytes = file("still.gif");
    let frame = find(&bytes, &[0x2c, 0, 0, 0, 0, 27, 0, 18, 0]) + 5;
    bytes[frame..frame + 4].fill(0xff);
    let error = decode(&bytes, LIMIT).unwrap_err();
    assert!(matches!(error, ImageError::Memory { format: "GIF", .. }), "{error}");
}

#[test]
fn a_webp_frame_of_another_size_is_refused() {
    for name in ["lossy-alpha.webp", "lossy-alpha-animated.webp"] {
        let mut bytes = file(name);
        let picture = find(&bytes, b"\x9d\x01\x2a") + 3;
        bytes[picture..picture + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
        let error = decode(&bytes, LIMIT).unwrap_err();
        assert_eq!(error.to_string(), "the WebP file is damaged: a frame has not its canvas's size", "{name}");
    }
}

#[test]
fn a_webp_chunk_longer_than_the_file_is_refused() {
    let mut bytes = file("exif-5.webp");
    let size = find(&bytes, b"EXIF") + 4;
    bytes[size..size + 4].fill(0xff);
    assert_eq!(decode(&bytes, LIMIT), Err(ImageError::Truncated { format: "WebP" }));
}

#[test]
fn a_picture_without_pixels_is_refused() {
    for (format, bytes) in resized(0, 7) {
        let error = decode(&bytes, LIMIT).unwrap_err();
        assert_eq!(error, ImageError::Empty { width: 0, height: 7 }, "{format}");
        assert_eq!(error.to_string(), "the picture has no pixels: its size is 0 x 7");
    }
}

#[test]
fn other_formats_are_named_with_those_that_are_read() {
    let cases: [(&[u8], &str); 4] = [
        (b"", "the file is empty"),
        (b"<html><body>", "the file does not begin like a picture"),
        (b"II*\0\x08\0\0\0", "this is a file of type image/tiff"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "this is a file of type image/avif"),
    ];
    for (bytes, found) in cases {
        let error = decode(bytes, LIMIT).unwrap_err();
        assert_eq!(error, ImageError::UnknownFormat { found: found.into() });
        assert_eq!(error.to_string(), format!("{found}; the formats read are JPEG, PNG, WebP, GIF and BMP"));
    }
}

/// Where the pixels of a file end: cut before, it is truncated; cut after, the picture may still be whole.
fn end_of_pixels(name: &str, bytes: &[u8]) -> usize {
    match name.rsplit('.').next() {
        Some("png") => bytes.len() - 4,
        Some("gif") => {
            let second = bytes.windows(8).skip(1).rposition(|window| window.starts_with(b"\x21\xf9\x04"));
            if name == "animated.gif" { second.unwrap() } else { bytes.len() - 3 }
        }
        _ => bytes.len(),
    }
}

#[test]
fn truncated_files_say_so() {
    for (name, bytes) in FILES.iter() {
        for cut in 16..end_of_pixels(name, bytes) {
            match decode(&bytes[..cut], LIMIT) {
                Err(ImageError::Truncated { format }) => assert!(!format.is_empty()),
                other => panic!("{name} cut at {cut} of {}: {other:?}", bytes.len()),
            }
        }
    }
    let error = decode(&file("rgb.png")[..300], LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "the PNG file is truncated: it ends before the picture does");
}

/// A change to a file: where (as a fraction of its length), and what.
#[derive(Clone, Debug)]
enum Change {
    Set(f64, u8),
    Cut(f64),
    Remove(f64, usize),
    Repeat(f64, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || prop_oneof![0.0..1.0_f64, 0.0..0.2_f64];
    prop_oneof![
        6 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (at(), prop_oneof![Just(0_u8), Just(0xff), Just(0x7f), Just(0x80)]).prop_map(|(at, b)| Change::Set(at, b)),
        1 => at().prop_map(Change::Cut),
        1 => (at(), 1..9_usize).prop_map(|(at, n)| Change::Remove(at, n)),
        1 => (at(), 1..9_usize).prop_map(|(at, n)| Change::Repeat(at, n)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |at: f64, n: usize| ((at * n as f64) as usize).min(n.saturating_sub(1));
    let n = bytes.len();
    if n == 0 {
        return;
    }
    match *change {
        Change::Set(at, byte) => bytes[place(at, n)] = byte,
        Change::Cut(at) => bytes.truncate(place(at, n)),
        Change::Remove(at, count) => drop(bytes.drain(place(at, n)..(place(at, n) + count).min(n))),
        Change::Repeat(at, count) => {
            let from = place(at, n);
            let again = bytes[from..(from + count).min(n)].to_vec();
            bytes.splice(from..from, again);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is changed in a file, decoding ends in a picture within the limit or in an error with a message.
    #[test]
    fn damaged_files_end_in_a_picture_or_an_error(
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
        repair in any::<bool>(),
    ) {
        let mut bytes = index.get(&FILES).1.clone();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        if repair && bytes.starts_with(b"\x89PNG") {
            repair_png(&mut bytes);
        }
        match decode(&bytes, LIMIT) {
            Ok(image) => {
                let pixels = u64::from(image.width) * u64::from(image.height);
                prop_assert!(pixels > 0 && pixels <= LIMIT);
                prop_assert_eq!(image.pixels.len() as u64, 3 * pixels);
            }
            Err(error) => prop_assert!(!error.is_option() && !error.to_string().is_empty()),
        }
    }

    /// Bytes that only begin like a picture.
    #[test]
    fn noise_behind_a_signature_is_an_error_or_a_picture(
        signature in prop::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF89a", b"GIF87a", b"BM", b"RIFF\x40\0\0\0WEBP",
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = decode(&[signature, &noise].concat(), LIMIT);
    }
}
