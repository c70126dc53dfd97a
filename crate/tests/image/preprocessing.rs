use inception::image::{Filter, ImageError, Preprocess, Rgb8};
use proptest::prelude::*;
use serde::Deserialize;

use super::{goldens, open, read, torchvision};

#[derive(Deserialize)]
struct Case {
    name: String,
    image: String,
    expected: String,
    seen: [u32; 4],
    preprocess: Preprocess,
}

/// The golden's values: f32, or the levels of a picture.
fn expected(case: &Case) -> Vec<f32> {
    let path = goldens("preprocess").join(&case.expected);
    match case.expected.ends_with(".png") {
        true => open(path).pixels.into_iter().map(f32::from).collect(),
        false => read(path).as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
    }
}

/// How many units of the input one level of a picture is, by channel.
fn level(case: &Case, expected: &[f32]) -> [f64; 3] {
    let p = &case.preprocess;
    if p.standardize {
        // Levels are integers, so the smallest distance between two different values is a multiple of one level.
        let mut values: Vec<f32> = expected.to_vec();
        values.sort_by(f32::total_cmp);
        let gaps = values.windows(2).map(|w| f64::from(w[1] - w[0])).filter(|&gap| gap > 1e-4);
        return [gaps.fold(f64::INFINITY, f64::min); 3];
    }
    p.std.map(|std| p.scale / std)
}

#[test]
fn inputs_equal_pillows() {
    let cases: Vec<Case> = serde_json::from_slice(&read(goldens("preprocess").join("cases.json"))).unwrap();
    let (mut samples, mut over_one, mut over_two) = (0, 0, 0);
    for case in &cases {
        let mut out = Vec::new();
        let seen = case.preprocess.apply(&open(goldens("preprocess").join(&case.image)), &mut out).unwrap();
        assert_eq!(seen, case.seen, "{}", case.name);
        let expected = expected(case);
        assert_eq!(out.len(), expected.len(), "{}", case.name);
        let exact = case.preprocess.filter == Filter::BilinearAlignCorners;
        let level = level(case, &expected);
        let mut worst: f64 = 0.0;
        for (i, (&found, &wanted)) in out.iter().zip(&expected).enumerate() {
            let levels = f64::from(found - wanted).abs() / level[i % 3];
            worst = worst.max(levels);
            if exact {
                assert!(levels < 1e-3, "{} at {i}: {found} for {wanted}", case.name);
                continue;
            }
            let whole = if case.preprocess.standardize { 0.05 } else { 1e-3 };
            assert!((levels - levels.round()).abs() < whole, "{} at {i}: {found} for {wanted}", case.name);
            samples += 1;
            over_one += u32::from(levels > 1.5);
            over_two += u32::from(levels > 2.5);
        }
        println!("{:32} largest difference {worst:.4} levels", case.name);
    }
    println!("{samples} samples, {over_one} beyond 1/255, {over_two} beyond 2/255");
    assert_eq!(over_two, 0);
    assert!(f64::from(over_one) <= 1e-4 * f64::from(samples), "{over_one} of {samples} beyond 1/255");
}

#[test]
fn any_shape_of_picture_fills_the_input() {
    let sides = [(1, 1), (1, 5000), (5000, 1), (2, 65_535), (65_535, 1), (3, 4), (299, 299)];
    for (width, height) in sides {
        let image = Rgb8 { width, height, pixels: vec![200; 3 * (width * height) as usize] };
        for filter in [Filter::Bilinear, Filter::Bicubic, Filter::BilinearAlignCorners] {
            let p = Preprocess { filter, scale: 1.0, mean: [0.0; 3], std: [1.0; 3], ..torchvision() };
            let mut out = Vec::new();
            let [x, y, w, h] = p.apply(&image, &mut out).unwrap();
            assert_eq!(out.len(), 299 * 299 * 3);
            assert!(out.iter().all(|&v| v == 200.0), "{width} x {height}, {filter:?}");
            assert!(w > 0 && h > 0 && x + w <= width && y + h <= height, "{width} x {height}: {x} {y} {w} {h}");
        }
    }
}

#[test]
fn one_color_standardizes_to_zero() {
    let image = Rgb8 { width: 9, height: 5, pixels: vec![77; 3 * 9 * 5] };
    let p = Preprocess { scale: 1.0, mean: [0.0; 3], std: [1.0; 3], standardize: true, ..torchvision() };
    let mut out = Vec::new();
    p.apply(&image, &mut out).unwrap();
    assert!(out.iter().all(|&v| v == 0.0));
}

#[test]
fn pictures_that_are_not_sound_are_refused() {
    let mut out = vec![1.0];
    let mut apply = |width, height, bytes| {
        torchvision().apply(&Rgb8 { width, height, pixels: vec![0; bytes] }, &mut out).unwrap_err()
    };
    assert_eq!(apply(0, 4, 0), ImageError::Empty { width: 0, height: 4 });
    assert_eq!(apply(3, 4, 35), ImageError::BufferSize { width: 3, height: 4, channels: 3, found: 35 });
    assert!(matches!(apply(100_000, 1, 300_000), ImageError::TooLong { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the shapes and options, the input is full and the part seen lies inside the picture.
    #[test]
    fn every_valid_preprocess_applies(
        (width, height) in (1_u32..200, 1_u32..200),
        (out_width, out_height, beyond) in (1_u32..64, 1_u32..64, 0_u32..64),
        (resize, crop, order, filter, channels) in (0..2_usize, 0..2_usize, 0..2_usize, 0..3_usize, 0..2_usize),
        standardize in any::<bool>(),
        seed in any::<u8>(),
    ) {
        let p = torchvision().merged(&serde_json::json!({
            "width": out_width, "height": out_height, "resizeTo": out_width.max(out_height) + beyond,
            "resize": (["stretch", "shortest-side"][resize]),
            "crop": (if resize == 1 { "center" } else { ["center", "none"][crop] }),
            "order": (["resize-crop", "crop-resize"][order]),
            "filter": (["bilinear", "bicubic", "bilinear-align-corners"][filter]),
            "channels": (["rgb", "bgr"][channels]), "standardize": standardize,
        })).unwrap();
        let pixels = (0..3 * width * height).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed).collect();
        let mut out = Vec::new();
        let [x, y, w, h] = p.apply(&Rgb8 { width, height, pixels }, &mut out).unwrap();
        prop_assert_eq!(out.len(), (3 * out_width * out_height) as usize);
        prop_assert!(out.iter().all(|v| v.is_finite()));
        prop_assert!(w > 0 && h > 0 && x + w <= width && y + h <= height);
    }
}
