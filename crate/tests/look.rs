//! Feature visualisation, DeepDream, saliency and Grad-CAM: against PyTorch's runs where there are some, else against what
//! each is defined by.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::asks::Asks;
use common::numbers::{noise, relative_error};
use common::{fnv1a64, parity, reference};
use inception::checkpoints::SourceFile;
use inception::image::{Channels, Crop, Filter, Order, Preprocess, Resize, Rgb8};
use inception::info::Tensor;
use inception::look::{
    Adam, Baseline, Dream, DreamOptions, Fourier, LookError, Map, Mapping, Method, Progress, Random, Resample,
    Saliency, Visualization, VisualizationOptions, ascend, color_gradient, colors, grad_cam,
};
use inception::session::Objective;
use inception::{Device, LoadOptions, Loader, Session};
use parity::numbers;
use serde_json::Value;

/// The recorded runs.
fn recorded() -> Value {
    serde_json::from_str(&std::fs::read_to_string(reference().join("visualise.json")).unwrap()).unwrap()
}

fn to_f32(value: &Value) -> Vec<f32> {
    numbers(value).iter().map(|&v| v as f32).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// Fails unless two inner products are equal, as far as rounding goes.
fn hold(what: &str, one: f64, other: f64, tolerance: f64) {
    assert!((one - other).abs() <= tolerance * one.abs().max(other.abs()), "{what}: {one} and {other}");
}

/// `[3,H,W]` as `[H,W,3]`.
fn interleaved(planes: &[f32]) -> Vec<f32> {
    let pixels = planes.len() / 3;
    (0..planes.len()).map(|i| planes[i % 3 * pixels + i / 3]).collect()
}

/// `[H,W,3]` as `[3,H,W]`.
fn planes(interleaved: &[f32]) -> Vec<f32> {
    (0..3).flat_map(|c| interleaved.iter().skip(c).step_by(3).copied()).collect()
}

fn preprocess(channels: Channels, size: u32) -> Preprocess {
    Preprocess {
        width: size,
        height: size,
        resize: Resize::Stretch,
        resize_to: size,
        crop: Crop::None,
        order: Order::ResizeCrop,
        filter: Filter::Bilinear,
        channels,
        scale: 1.0,
        mean: [104.0, 117.0, 123.0],
        std: [1.0, 2.0, 0.5],
        standardize: false,
    }
}

/// Colours as they are.
fn plain() -> Mapping {
    let preprocess = preprocess(Channels::Rgb, 8);
    Mapping::new(&Preprocess { scale: 1.0 / 255.0, mean: [0.0; 3], std: [1.0; 3], ..preprocess })
}

/// From -1 to 1.
fn half() -> Mapping {
    let preprocess = preprocess(Channels::Rgb, 8);
    Mapping::new(&Preprocess { scale: 1.0 / 255.0, mean: [0.5; 3], std: [0.5; 3], ..preprocess })
}

#[test]
fn a_spectrum_is_the_recorded_picture() {
    let run = &recorded()["fourier_run"];
    let spectrum = noise(fnv1a64("spectrum"), 3 * 6 * 5 * 2);
    let bits = spectrum.iter().fold(0u64, |sum, v| sum.wrapping_add(u64::from(v.to_bits())));
    assert_eq!(format!("{bits:#018x}"), run["spectrum"]["bitsum"]);
    let mut picture = Fourier::new(6, 8).unwrap().picture(&spectrum).unwrap();
    let error = relative_error(&picture, &to_f32(&run["image"]));
    assert!(error < 1e-6, "picture: {error}");
    colors(&mut picture).unwrap();
    let error = relative_error(&picture, &to_f32(&run["rgb"]));
    assert!(error < 1e-6, "colours: {error}");
}

#[test]
fn any_even_size_is_a_sum_of_waves() {
    use std::f64::consts::TAU;
    for [height, width] in [[10, 28], [2, 2], [44, 6], [16, 26], [64, 2]] {
        let half = width / 2 + 1;
        let fourier = Fourier::new(height, width).unwrap();
        let spectrum = noise(1, fourier.spectrum_len());
        let mut wanted = Vec::new();
        for c in 0..3 {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let mut sum = 0.0;
                for (ky, kx) in (0..height).flat_map(|ky| (0..half).map(move |kx| (ky, kx))) {
                    let fy = ky.min(height - ky) as f64 / height as f64;
                    let frequency = fy.hypot(kx as f64 / width as f64);
                    let scale = 1.0 / frequency.max(1.0 / width.max(height) as f64);
                    let at = 2 * ((c * height + ky) * half + kx);
                    let angle = TAU * ((ky * y) as f64 / height as f64 + (kx * x) as f64 / width as f64);
                    let twice = if kx == 0 || 2 * kx == width { 1.0 } else { 2.0 };
                    let (re, im) = (f64::from(spectrum[at]), f64::from(spectrum[at + 1]));
                    sum += twice * scale * (re * angle.cos() - im * angle.sin());
                }
                wanted.push((sum / 4.0 / ((width * height) as f64).sqrt()) as f32);
            }
        }
        let error = relative_error(&fourier.picture(&spectrum).unwrap(), &wanted);
        assert!(error < 2e-6, "{height} x {width}: {error}");
    }
}

#[test]
fn gradients_at_spectra_are_the_adjoint() {
    for [height, width] in [[6, 8], [32, 96], [160, 64], [224, 224], [62, 34], [96, 160], [512, 2]] {
        let fourier = Fourier::new(height, width).unwrap();
        let (spectrum, gradient) = (noise(1, fourier.spectrum_len()), noise(2, fourier.picture_len()));
        let forward = dot(&fourier.picture(&spectrum).unwrap(), &gradient);
        let back = dot(&fourier.gradient(&gradient).unwrap(), &spectrum);
        hold(&format!("{height} x {width}"), forward, back, 1e-4);
    }
}

#[test]
fn gradients_at_colours_are_the_adjoint() {
    const STEP: f32 = 1e-2;
    let (start, direction, gradient) = (noise(1, 3 * 40), noise(2, 3 * 40), noise(3, 3 * 40));
    let moved = |step: f32| {
        let mut values: Vec<f32> = start.iter().zip(&direction).map(|(v, d)| v + step * d).collect();
        colors(&mut values).unwrap();
        values
    };
    let along = (dot(&moved(STEP), &gradient) - dot(&moved(-STEP), &gradient)) / f64::from(2.0 * STEP);
    let mut back = gradient;
    color_gradient(&moved(0.0), &mut back).unwrap();
    hold("colours", along, dot(&back, &direction), 1e-3);
}

/// The part of a resampling that depends on the picture.
fn linear(resample: &Resample, picture: &[f32]) -> Vec<f32> {
    let nothing = resample.apply(&vec![0.0; picture.len()]).unwrap();
    resample.apply(picture).unwrap().iter().zip(nothing).map(|(v, nothing)| v - nothing).collect()
}

#[test]
fn gradients_at_resampled_pictures_are_the_adjoint() {
    let mut random = Random::new(5);
    let mut cases: Vec<_> = (0..60).map(|i| (Resample::draw(&mut random, 32 + i), [32 + i; 2], [32 + i; 2])).collect();
    for (from, to) in [([10, 17], [14, 24]), ([31, 9], [22, 6]), ([8, 8], [8, 8]), ([1, 3], [5, 1])] {
        cases.push((Resample::resize(from, to), from, to));
    }
    for (resample, from, to) in cases {
        let (picture, gradient) = (noise(1, 3 * from[0] * from[1]), noise(2, 3 * to[0] * to[1]));
        let forward = dot(&linear(&resample, &picture), &gradient);
        hold(&format!("{resample:?}"), forward, dot(&resample.gradient(&gradient).unwrap(), &picture), 2e-3);
    }
}

#[test]
fn pictures_are_moved_scaled_and_turned_as_asked() {
    const SIZE: usize = 33;
    // A slope is read exactly by bilinear sampling, within the picture.
    let slope = |y: f32, x: f32| 0.3 + 0.01 * y - 0.004 * x;
    let pixels = || (0..SIZE * SIZE).map(|i| [(i / SIZE) as f32, (i % SIZE) as f32]);
    let picture: Vec<f32> = (0..3).flat_map(|_| pixels().map(|[y, x]| slope(y, x))).collect();
    let middle = (SIZE as f32 - 1.0) / 2.0;
    for (before, scale, degrees, after) in [
        ([0.0, 0.0], 1.0, 0.0, [0.0, 0.0]),
        ([2.0, -3.0], 1.0, 0.0, [1.0, 2.0]),
        ([0.0, 0.0], 1.1, 0.0, [0.0, 0.0]),
        ([1.0, -4.0], 0.94, -10.0, [2.0, -1.0]),
        ([0.0, 0.0], 1.0, 90.0, [0.0, 0.0]),
    ] {
        let seen = Resample::seen(SIZE, before, scale, degrees, after).apply(&picture).unwrap();
        for (i, [y, x]) in pixels().enumerate() {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let (v, u) = (y - middle + after[0], x - middle + after[1]);
            let from_y = (cos * v - sin * u) / scale + before[0] + middle;
            let from_x = (sin * v + cos * u) / scale + before[1] + middle;
            let range = 0.0..=SIZE as f32 - 1.0;
            let is_far = |v: f32| v <= -1.0 || v >= SIZE as f32;
            for c in 0..3 {
                let found = seen[c * SIZE * SIZE + i];
                if range.contains(&from_y) && range.contains(&from_x) {
                    assert!((found - slope(from_y, from_x)).abs() < 1e-4, "{scale} {degrees}: {y} {x}");
                } else if is_far(from_y) || is_far(from_x) {
                    assert_eq!(found, 0.5, "{scale} {degrees}: {y} {x}");
                }
            }
        }
    }
}

#[test]
fn resized_pictures_keep_their_edges() {
    // A slope stays one, from edge to edge; what is nearer to an edge than the middle of the last pixel is that pixel.
    for (from, to) in [([20, 31], [28, 43]), ([28, 43], [20, 31]), ([9, 9], [9, 18])] {
        let slope = |[height, width]: [usize; 2]| {
            let one = (0..height * width).map(move |i| {
                let place = |at: usize, side: usize, before: usize| {
                    let half = 0.5 / before as f32;
                    ((at as f32 + 0.5) / side as f32).clamp(half, 1.0 - half)
                };
                place(i / width, height, from[0]) - 0.4 * place(i % width, width, from[1])
            });
            one.clone().chain(one.clone()).chain(one).collect::<Vec<f32>>()
        };
        let error = relative_error(&Resample::resize(from, to).apply(&slope(from)).unwrap(), &slope(to));
        assert!(error < 1e-5, "{from:?} to {to:?}: {error}");
    }
}

#[test]
fn transforms_are_drawn_from_the_lists() {
    // Where the middle of the picture comes from says the shifts, and what is right of it scale and angle.
    const SIZE: usize = 65;
    let pixels = || (0..SIZE * SIZE).map(|i| [(i / SIZE) as f32 / 100.0, (i % SIZE) as f32 / 100.0]);
    let picture: Vec<f32> = [0, 1, 0].into_iter().flat_map(|axis| pixels().map(move |place| place[axis])).collect();
    let mut random = Random::new(0);
    let (mut scales, mut angles, mut moves) = ([0; 11], [0; 21], [0.0f32; 2]);
    for _ in 0..2000 {
        let seen = Resample::draw(&mut random, SIZE).apply(&picture).unwrap();
        let place = |i: usize| [0, 1].map(|axis| seen[axis * SIZE * SIZE + i] * 100.0);
        let centre = SIZE * SIZE / 2;
        let ([y, x], [down, right]) = (place(centre), place(centre + 10));
        let (dy, dx) = ((down - y) / 10.0, (right - x) / 10.0);
        scales[((1.0 / dy.hypot(dx) - 0.9) / 0.02).round() as usize] += 1;
        angles[(dy.atan2(dx).abs().to_degrees() * dy.signum() + 10.0).round() as usize] += 1;
        moves = [moves[0].max((y - 32.0).abs()), moves[1].max((x - 32.0).abs())];
    }
    assert!(scales.iter().all(|&count| (120..250).contains(&count)), "{scales:?}");
    let others = angles.iter().enumerate().filter(|(i, _)| *i != 10);
    assert!(others.clone().all(|(_, &count)| (45..115).contains(&count)), "{angles:?}");
    assert!((370..560).contains(&angles[10]), "{angles:?}");
    assert!(moves.iter().all(|&most| most > 5.8 && most < 6.6), "{moves:?}");
}

#[test]
fn adam_steps_as_recorded() {
    let run = &recorded()["adam_alone"];
    let mut values = noise(fnv1a64("adam:0"), 8);
    let mut adam = Adam::new(0.05, 8);
    let after = run["after"].as_array().unwrap();
    for (name, after) in run["gradients"].as_array().unwrap().iter().zip(after) {
        adam.step(&mut values, &noise(fnv1a64(name.as_str().unwrap()), 8)).unwrap();
        let error = relative_error(&values, &to_f32(after));
        assert!(error < 1e-6, "{name}: {error}");
    }
    assert_eq!(after.len(), 5);
    let before = values.clone();
    assert_eq!(adam.step(&mut values, &[f32::NAN; 8]), Err(LookError::NotFinite));
    assert_eq!(values, before);
}

/// A session that gives gradients of a channel at the picture.
struct Ascent {
    session: Session,
    of: &'static str,
    objective: Objective,
}

impl Ascent {
    fn new(session: Session, of: &'static str, channel: usize) -> Self {
        let mut session = session;
        session.ask(of, &["input"], &[of]).unwrap();
        Self { session, of, objective: Objective::Channel { channel, position: None, sum: false } }
    }

    /// The number and its gradient, of an input `[H,W,3]`.
    fn at(&mut self, input: &[f32]) -> (f64, Vec<f32>) {
        self.session.run(input).unwrap();
        self.session.run_reverse(&self.objective, false).unwrap();
        let value = self.session.objective(self.of, &self.objective).unwrap();
        (value, self.session.gradient("input").unwrap().data)
    }
}

/// A source's session at another size.
fn small_session(source: &str, size: u32) -> Session {
    let file = SourceFile { name: format!("{source}.safetensors"), bytes: common::generate(source).into() };
    let preprocess = Some(serde_json::json!({ "width": size, "height": size }));
    let options = LoadOptions { threads: 2, preprocess, keep_source: true, ..LoadOptions::default() };
    Loader::new(vec![file], options).unwrap().finish().unwrap()
}

#[test]
fn ascents_through_a_network_are_the_recorded_ones() {
    let recorded = recorded();
    let net = &recorded["net"];
    let source = net["source"].as_str().unwrap();
    let mut ascent = Ascent::new(parity::session(source, &Device::Cpu, 2), "Mixed_4b", 3);
    let start = common::input(source);
    for (name, tolerance) in [("ascent_small", 2e-4), ("ascent", 0.05), ("adam", 0.05)] {
        let run = &recorded[name];
        let (mut picture, mut adam) = (start.clone(), Adam::new(0.05, start.len()));
        for (step, &wanted) in numbers(&run["values"]).iter().enumerate() {
            let (value, gradient) = ascent.at(&interleaved(&picture));
            assert!((value / wanted - 1.0).abs() <= tolerance, "{name}, step {step}: {value}, not {wanted}");
            if step == 5 {
                break;
            }
            match name {
                "ascent_small" => ascend(&mut picture, &gradient, 0.0005).unwrap(),
                "ascent" => ascend(&mut picture, &gradient, 0.05).unwrap(),
                _ => adam.step(&mut picture, &gradient).unwrap(),
            }
        }
        if name == "ascent_small" {
            let pairs = numbers(&net["index"]).into_iter().zip(numbers(&run["image"]["value"]));
            let squares: Vec<f64> = pairs.map(|(i, v)| (f64::from(picture[i as usize]) - v).powi(2)).collect();
            let error = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
            assert!(error <= 2e-4, "picture: {error}");
        }
    }
}

#[test]
fn inputs_are_those_of_pictures() {
    let pixels: Vec<u8> = (0..8 * 8 * 3).map(|i| (i * 37 % 256) as u8).collect();
    let picture: Vec<f32> = planes(&pixels.iter().map(|&v| f32::from(v) / 255.0).collect::<Vec<_>>());
    for channels in [Channels::Rgb, Channels::Bgr, Channels::Gray] {
        for standardize in [false, true] {
            let preprocess = Preprocess { standardize, ..preprocess(channels, 8) };
            let mapping = Mapping::new(&preprocess);
            let mut wanted = Vec::new();
            preprocess.apply(&Rgb8 { width: 8, height: 8, pixels: pixels.clone() }, &mut wanted).unwrap();
            let error = relative_error(&mapping.input(&picture).unwrap(), &wanted);
            // Luminance is rounded to a level.
            let tolerance = if channels == Channels::Gray { 1e-2 } else { 1e-5 };
            assert!(error < tolerance, "{channels:?}, {standardize}: {error}");

            let (direction, gradient) = (noise(2, picture.len()), noise(3, picture.len()));
            let moved = |step: f32| {
                let picture: Vec<f32> = picture.iter().zip(&direction).map(|(v, d)| v + step * d).collect();
                dot(&planes(&mapping.input(&picture).unwrap()), &gradient)
            };
            let along = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            let back = dot(&mapping.gradient(&picture, &gradient).unwrap(), &direction);
            hold(&format!("{channels:?}, {standardize}"), along, back, 2e-3);
        }
    }
}

#[test]
fn a_picture_without_contrast_is_standardised_to_zeros() {
    let mapping =
        Mapping::new(&Preprocess { standardize: true, std: [1.0; 3], mean: [0.0; 3], ..preprocess(Channels::Rgb, 8) });
    let picture = [0.5; 192];
    assert_eq!(mapping.input(&picture).unwrap(), [0.0; 192]);
    // Divided by 1 / sqrt(192), of levels of 255, less the mean.
    let mut gradient = [0.0; 192];
    gradient[70] = 1.0;
    let back = mapping.gradient(&picture, &gradient).unwrap();
    let factor = 255.0 * 192.0f32.sqrt();
    let wanted: Vec<f32> = gradient.iter().map(|v| factor * (v - 1.0 / 192.0)).collect();
    assert!(relative_error(&back, &wanted) < 1e-5);
}

/// Steps of a visualisation whose number is half the squares of the input, each by a factor.
fn visualized(options: &VisualizationOptions, steps: usize) -> Vec<u8> {
    let mut picture = Visualization::new(half(), options).unwrap();
    for _ in 0..steps {
        let factors = noise(9, picture.input().len());
        let gradient: Vec<f32> = picture.input().iter().zip(factors).map(|(v, factor)| v * factor).collect();
        picture.step(&planes(&gradient)).unwrap();
    }
    assert_eq!(picture.steps(), steps);
    picture.picture()
}

#[test]
fn a_seed_is_a_picture() {
    let options = VisualizationOptions { size: 36, seed: 7, ..VisualizationOptions::default() };
    let first = visualized(&options, 4);
    assert_eq!(first, visualized(&options, 4));
    assert_ne!(first, visualized(&VisualizationOptions { seed: 8, ..options.clone() }, 4));
    assert_ne!(first, visualized(&VisualizationOptions { transforms: false, ..options.clone() }, 4));
    assert_ne!(first, visualized(&VisualizationOptions { rate: 0.1, ..options.clone() }, 4));

    let start = visualized(&options, 0);
    assert_eq!(start.len(), 36 * 36 * 4);
    let (pixels, _) = start.as_chunks::<4>();
    assert!(pixels.iter().all(|[r, g, b, a]| *a == 255 && [r, g, b].iter().all(|v| (110..=145).contains(*v))));
    assert!(pixels.iter().any(|pixel| *pixel != pixels[0]));
}

#[test]
fn a_picture_goes_on_from_where_another_was() {
    let options = VisualizationOptions { size: 36, seed: 7, ..VisualizationOptions::default() };
    let mut half_way = Visualization::new(half(), &options).unwrap();
    let target = vec![0.1; 3 * 36 * 36];
    let step = |picture: &mut Visualization| {
        let gradient: Vec<f32> = picture.input().iter().zip(&target).map(|(x, t)| t - x).collect();
        picture.step(&gradient).unwrap();
    };
    (0..3).for_each(|_| step(&mut half_way));
    let state = half_way.state();
    let mut other = Visualization::resume(half(), &options, &state).unwrap();
    assert_eq!((other.steps(), other.state()), (3, state.clone()));
    for picture in [&mut half_way, &mut other] {
        (0..4).for_each(|_| step(picture));
    }
    assert_eq!(other.state(), half_way.state());
    assert_eq!(other.picture(), half_way.picture());
    let refused = |state: &[u8]| Visualization::resume(half(), &options, state).err().unwrap();
    assert!(matches!(refused(&state[1..]), LookError::Length { what: "state", .. }));
    let mut wrong = state.clone();
    wrong[20..24].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(refused(&wrong), LookError::NotFinite);
    let mut endless = state;
    endless[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(refused(&endless), LookError::Option { option: "steps", .. }));
}

#[test]
fn what_is_seen_without_transforms_is_the_picture() {
    let options = VisualizationOptions { size: 30, transforms: false, ..VisualizationOptions::default() };
    let picture = Visualization::new(half(), &options).unwrap();
    let seen: Vec<u8> = picture.input().iter().map(|v| ((v + 1.0) * 127.5).round() as u8).collect();
    let shown: Vec<u8> = picture.picture().chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    assert_eq!(seen, shown);
}

#[test]
fn a_channel_grows_with_each_picture() {
    const SIZE: u32 = 64;
    let mut ascent = Ascent::new(small_session("seed_inception_v1_c2", SIZE), "Mixed_4b", 3);
    for transforms in [false, true] {
        let options = VisualizationOptions { size: SIZE as usize, transforms, ..VisualizationOptions::default() };
        let mut picture = Visualization::new(half(), &options).unwrap();
        let mut values = Vec::new();
        for _ in 0..24 {
            let (value, gradient) = ascent.at(picture.input());
            picture.step(&gradient).unwrap();
            values.push(value);
        }
        println!("{transforms}: {values:?}");
        let [first, last] = [&values[..4], &values[20..]].map(|part| part.iter().sum::<f64>());
        assert!(last > 3.0 * first, "{transforms}: {values:?}");
        if !transforms {
            assert!(values.is_sorted(), "{values:?}");
        }
    }
}

fn photo(height: u32, width: u32) -> Rgb8 {
    let pixels = (0..height * width * 3).map(|i| (i % 1009 * (i % 1009) % 251) as u8).collect();
    Rgb8 { width, height, pixels }
}

fn opaque(picture: &Rgb8) -> Vec<u8> {
    picture.pixels.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect()
}

#[test]
fn a_dream_goes_through_its_sizes() {
    let options = DreamOptions { steps: 2, ..DreamOptions::default() };
    let sizes = |picture: &Rgb8, options: &DreamOptions| {
        let mut dream = Dream::new(half(), picture, options.clone()).unwrap();
        let mut sizes = Vec::new();
        loop {
            let [height, width] = dream.size();
            let Progress { octave, octaves, step, steps } = dream.progress();
            assert!(octave < octaves && step < steps && steps == 2, "{:?}", dream.progress());
            assert_eq!(dream.input().len(), 3 * height * width);
            assert!(dream.input().iter().all(|v| (-1.0..=1.0).contains(v)));
            sizes.push([height, width]);
            if !dream.step(&vec![0.0; 3 * height * width]).unwrap() {
                break;
            }
        }
        // Nothing was found, so nothing has changed.
        assert_eq!(dream.picture(), opaque(picture));
        let Progress { octave, octaves, step, steps } = dream.progress();
        assert!(octave == octaves && step == steps);
        assert!(matches!(dream.step(&[]), Err(LookError::Run { .. })));
        sizes.dedup();
        assert_eq!(sizes.len(), octaves);
        sizes
    };
    assert_eq!(sizes(&photo(224, 301), &options), [[81, 110], [114, 154], [160, 215], [224, 301]]);
    assert_eq!(sizes(&photo(111, 150), &options), [[79, 107], [111, 150]]);
    assert_eq!(sizes(&photo(105, 150), &options), [[75, 107], [105, 150]]);
    assert_eq!(sizes(&photo(103, 150), &options), [[103, 150]]);
    assert_eq!(sizes(&photo(75, 203), &options), [[75, 203]]);
    let options = DreamOptions { octaves: 3, scale: 2.0, minimum: 5, jitter: 100, ..options };
    assert_eq!(sizes(&photo(33, 21), &options), [[9, 6], [17, 11], [33, 21]]);
}

#[test]
fn a_dream_steps_along_the_gradient_where_the_picture_was_rolled() {
    let picture = photo(13, 10);
    let options = DreamOptions { octaves: 1, steps: 3, step: 20.0, jitter: 5, minimum: 1, seed: 3, scale: 1.4 };
    let mut dream = Dream::new(plain(), &picture, options).unwrap();
    let mut wanted = planes(&picture.pixels.iter().map(|&v| f32::from(v) / 255.0).collect::<Vec<_>>());
    let mut inputs = Vec::new();
    for _ in 0..3 {
        // The number is half the sum of squares, wherever the picture is.
        inputs.push(dream.input().to_vec());
        dream.step(&planes(inputs.last().unwrap())).unwrap();
        let mean = wanted.iter().sum::<f32>() / wanted.len() as f32;
        wanted.iter_mut().for_each(|v| *v = (*v + 20.0 / 255.0 / mean * *v).min(1.0));
    }
    let found: Vec<f32> = dream.picture().iter().map(|&v| f32::from(v) / 255.0).collect();
    let found: Vec<f32> = found.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    let error = relative_error(&planes(&found), &wanted);
    assert!(error < 0.003, "{error}");
    // Each time from another place.
    let firsts: Vec<f32> = inputs.iter().map(|input| input[0]).collect();
    assert!(firsts[0] != firsts[1] && firsts[1] != firsts[2]);
}

#[test]
fn what_a_dream_finds_in_a_small_size_stays() {
    let picture = Rgb8 { width: 60, height: 40, pixels: vec![100; 60 * 40 * 3] };
    let options = DreamOptions { octaves: 2, steps: 1, step: 40.0, jitter: 0, minimum: 8, ..DreamOptions::default() };
    let mut dream = Dream::new(plain(), &picture, options.clone()).unwrap();
    let [height, width] = dream.size();
    assert_eq!([height, width], [29, 43]);
    // The left half of the red brighter.
    let gradient: Vec<f32> =
        (0..3 * height * width).map(|i| if i < height * width && i % width < width / 2 { 1.0 } else { 0.0 }).collect();
    let mean = gradient.iter().sum::<f32>() / gradient.len() as f32;
    assert!(dream.step(&gradient).unwrap());
    assert_eq!(dream.size(), [40, 60]);
    let wanted = (100.0 + 40.0 / mean).min(255.0) as u8;
    let check = |rgba: &[u8]| {
        assert_eq!(rgba.len(), 60 * 40 * 4);
        let red = |y: usize, x: usize| rgba[4 * (y * 60 + x)];
        for y in [0, 20, 39] {
            assert!(red(y, 2).abs_diff(wanted) < 2 && red(y, 25).abs_diff(wanted) < 2, "{} {wanted}", red(y, 2));
            assert_eq!(red(y, 40), 100);
        }
        assert!(rgba.chunks_exact(4).all(|pixel| pixel[1] == 100 && pixel[2] == 100));
    };
    check(&dream.picture());
    assert!(!dream.step(&vec![0.0; 3 * 60 * 40]).unwrap());
    check(&dream.picture());
    let again = |seed: u64, jitter: usize| {
        let mut dream = Dream::new(plain(), &photo(40, 60), DreamOptions { seed, jitter, ..options.clone() }).unwrap();
        while dream.step(&planes(&noise(4, dream.input().len()))).unwrap() {}
        dream.picture()
    };
    assert_eq!(again(1, 9), again(1, 9));
    assert_ne!(again(1, 9), again(2, 9));
}

/// The number, half the sum of squares, each by a factor, and its gradient `[3,H,W]`.
fn squares(input: &[f32], factors: &[f32]) -> (f64, Vec<f32>) {
    let products: Vec<f32> = input.iter().zip(factors).map(|(v, factor)| v * factor).collect();
    (0.5 * dot(&products, input), planes(&products))
}

#[test]
fn saliency_of_a_number_that_is_known() {
    const SIZE: [usize; 2] = [5, 7];
    let (input, factors) = (noise(1, 105), noise(2, 105));
    let run = |method: Method| {
        let mut saliency = Saliency::new(input.clone(), SIZE, &half(), method).unwrap();
        for i in 0..saliency.runs() {
            let given = saliency.input(i).unwrap();
            assert_eq!(given, saliency.input(i).unwrap());
            saliency.take(&squares(&given, &factors).1).unwrap();
        }
        assert!(saliency.take(&[0.0; 105]).is_err());
        let found = saliency.finish().unwrap();
        assert_eq!(found.shape, [3, 5, 7]);
        found.data
    };
    let (number, gradient) = squares(&input, &factors);
    assert_eq!(run(Method::Gradient), gradient);
    for (baseline, values) in [
        (Baseline::Black, vec![-1.0; 105]),
        (Baseline::Grey, vec![0.0; 105]),
        (Baseline::Given(noise(5, 105)), noise(5, 105)),
    ] {
        let found = run(Method::Integrated { steps: 3, baseline });
        let wanted: Vec<f32> = (0..105).map(|i| factors[i] * (input[i].powi(2) - values[i].powi(2)) / 2.0).collect();
        assert!(relative_error(&found, &planes(&wanted)) < 1e-5);
        hold("difference", found.iter().map(|&v| f64::from(v)).sum(), number - squares(&values, &factors).0, 1e-5);
    }
    let found = run(Method::Integrated { steps: 2, baseline: Baseline::Mean });
    let mean = |c: usize| input.iter().skip(c).step_by(3).sum::<f32>() / 35.0;
    let wanted: Vec<f32> = (0..105).map(|i| factors[i] * (input[i].powi(2) - mean(i % 3).powi(2)) / 2.0).collect();
    assert!(relative_error(&found, &planes(&wanted)) < 1e-5);

    let smooth = |noise: f32, seed: u64| run(Method::Smooth { samples: 50, noise, seed });
    assert!(relative_error(&smooth(0.0, 1), &gradient) < 1e-6);
    assert_eq!(smooth(0.15, 1), smooth(0.15, 1));
    assert_ne!(smooth(0.15, 1), smooth(0.15, 2));
}

#[test]
fn noise_is_normal_and_another_in_each_run() {
    let input: Vec<f32> = noise(3, 3 * 100 * 90).iter().map(|v| 2.0 * v + 3.0).collect();
    let method = Method::Smooth { samples: 4, noise: 0.15, seed: 11 };
    let saliency = Saliency::new(input.clone(), [100, 90], &half(), method).unwrap();
    let noises = [0, 3].map(|run| {
        let noisy = saliency.input(run).unwrap();
        let noise: Vec<f64> = noisy.iter().zip(&input).map(|(v, input)| f64::from(v - input) / 0.6).collect();
        let moment = |power: i32| noise.iter().map(|v| v.powi(power)).sum::<f64>() / noise.len() as f64;
        for (power, wanted, tolerance) in [(1, 0.0, 0.03), (2, 1.0, 0.04), (3, 0.0, 0.08), (4, 3.0, 0.2)] {
            assert!((moment(power) - wanted).abs() < tolerance, "moment {power}: {}", moment(power));
        }
        noise
    });
    let pairs = noises[0].iter().zip(&noises[1]);
    let correlation = pairs.map(|(a, b)| a * b).sum::<f64>() / noises[0].len() as f64;
    assert!(correlation.abs() < 0.03, "{correlation}");
    assert!(saliency.input(4).is_err());
}

/// Fails unless integrated gradients sum to the difference of the numbers at both ends.
fn integrate(ascent: &mut Ascent, input: &[f32], size: [usize; 2], steps: usize, baseline: Vec<f32>) {
    let difference = ascent.at(input).0 - ascent.at(&baseline).0;
    let method = Method::Integrated { steps, baseline: Baseline::Given(baseline) };
    let mut saliency = Saliency::new(input.to_vec(), size, &half(), method).unwrap();
    for i in 0..saliency.runs() {
        let (_, gradient) = ascent.at(&saliency.input(i).unwrap());
        saliency.take(&gradient).unwrap();
    }
    let sum = saliency.finish().unwrap().data.iter().map(|&v| f64::from(v)).sum();
    println!("{}: {sum} of {difference}", ascent.of);
    hold("difference", sum, difference, 0.01);
}

/// Random weights make a logit rough: its gradient is another one after a thousandth of the way. So near it, and all the way
/// where fewer layers make the number.
#[test]
fn integrated_gradients_are_the_difference() {
    let input: Vec<f32> = noise(8, 3 * 64 * 64);
    let session = || small_session("seed_inception_v1_c2", 64);
    let near = input.iter().map(|v| v * 0.98).collect();
    integrate(&mut Ascent::new(session(), "Logits", 1), &input, [64, 64], 64, near);
    integrate(&mut Ascent::new(session(), "Mixed_3b", 3), &input, [64, 64], 64, vec![0.0; input.len()]);
}

#[test]
fn integrated_gradients_of_published_weights_are_the_difference_of_logits() {
    let Some(folder) = common::verify() else {
        println!("SKIPPED: the folder shared/verify is absent");
        return;
    };
    let bytes = std::fs::read(folder.join("weights/bvlc_googlenet.safetensors")).unwrap();
    let file = SourceFile { name: "weights.safetensors".into(), bytes: bytes.into() };
    let preprocess = serde_json::json!({ "width": 112, "height": 112, "crop": "none", "resize": "stretch" });
    let options = LoadOptions { preprocess: Some(preprocess), threads: 2, keep_source: true, ..LoadOptions::default() };
    let session = Loader::new(vec![file], options).unwrap().finish().unwrap();
    let preprocess = session.info().preprocess.clone();
    let photo = inception::image::decode(&std::fs::read(folder.join("photos/chelsea_224.png")).unwrap(), 1 << 20);
    let mut input = Vec::new();
    preprocess.apply(&photo.unwrap(), &mut input).unwrap();
    let black = Mapping::new(&preprocess).input(&vec![0.0; input.len()]).unwrap();
    // The Egyptian cat.
    integrate(&mut Ascent::new(session, "Logits", 285), &input, [112, 112], 128, black);
}

#[test]
fn maps_of_pixels() {
    let tensor = Tensor { shape: [3, 1, 2], data: vec![1.0, -2.0, -3.0, 0.5, 2.0, 0.25] };
    let largest = Map::largest(&tensor);
    assert_eq!((largest.size, largest.data, largest.scale), ([1, 2], vec![3.0, 2.0], 3.0));
    let sum = Map::sum(&tensor);
    assert_eq!((sum.size, sum.data, sum.scale), ([1, 2], vec![0.0, -1.25], 1.25));
    // 0 to 999, every other one negative, in no order.
    let values = (0..1000).map(|i| i * 7 % 1000).map(|v| if v % 2 == 0 { -v as f32 } else { v as f32 }).collect();
    assert_eq!(Map::sum(&Tensor { shape: [1, 20, 50], data: values }).scale, 994.0);
    assert_eq!(Map::sum(&Tensor { shape: [3, 0, 0], data: Vec::new() }).scale, 0.0);
}

#[test]
fn what_does_not_fit_is_refused() {
    for [height, width] in [[0, 8], [8, 0], [7, 8], [8, 7], [1026, 8], [8, 1026]] {
        assert!(matches!(Fourier::new(height, width), Err(LookError::Size { .. })), "{height} x {width}");
    }
    let is_length = |result: Result<(), LookError>| matches!(result, Err(LookError::Length { .. }));
    let fourier = Fourier::new(6, 8).unwrap();
    assert!(is_length(fourier.picture(&[0.0; 179]).map(drop)) && is_length(fourier.gradient(&[0.0; 145]).map(drop)));
    assert!(is_length(colors(&mut [0.0; 4])) && is_length(color_gradient(&[0.5; 6], &mut [0.0; 3])));
    assert!(is_length(color_gradient(&[0.5; 4], &mut [0.0; 4])));
    let resample = Resample::resize([2, 3], [4, 5]);
    assert!(is_length(resample.apply(&[0.0; 17]).map(drop)) && is_length(resample.gradient(&[0.0; 61]).map(drop)));
    assert!(is_length(half().input(&[0.0; 5]).map(drop)) && is_length(half().gradient(&[0.0; 6], &[0.0; 3]).map(drop)));
    assert!(is_length(Adam::new(0.1, 3).step(&mut [0.0; 3], &[0.0; 2])));
    assert!(is_length(Adam::new(0.1, 3).step(&mut [0.0; 2], &[0.0; 3])));
    assert!(is_length(ascend(&mut [0.0; 2], &[0.0; 3], 1.0)));
    assert_eq!(ascend(&mut [0.0; 2], &[f32::INFINITY, 0.0], 1.0), Err(LookError::NotFinite));

    let visualization = |options| Visualization::new(half(), &options).map(drop);
    let options = VisualizationOptions::default();
    assert!(matches!(visualization(VisualizationOptions { size: 33, ..options.clone() }), Err(LookError::Size { .. })));
    for rate in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let options = VisualizationOptions { rate, ..options.clone() };
        assert!(matches!(visualization(options), Err(LookError::Option { option: "rate", .. })), "{rate}");
    }
    let mut visualization = Visualization::new(half(), &VisualizationOptions { size: 8, ..options }).unwrap();
    assert!(is_length(visualization.step(&[0.0; 191])));
    let mut gradient = [0.0; 192];
    gradient[7] = f32::NAN;
    assert_eq!(visualization.step(&gradient), Err(LookError::NotFinite));
    assert_eq!(visualization.steps(), 0);

    let options = DreamOptions::default;
    let dream = |picture: &Rgb8, options| Dream::new(half(), picture, options).map(drop);
    for (height, width) in [(0, 0), (74, 100), (1025, 100)] {
        assert!(matches!(dream(&photo(height, width), options()), Err(LookError::Size { .. })), "{height} x {width}");
    }
    assert!(is_length(dream(&Rgb8 { width: 80, height: 80, pixels: vec![0; 7] }, options())));
    for wrong in [
        DreamOptions { octaves: 0, ..options() },
        DreamOptions { scale: 1.0, ..options() },
        DreamOptions { scale: f32::NAN, ..options() },
        DreamOptions { steps: 0, ..options() },
        DreamOptions { step: -1.0, ..options() },
    ] {
        assert!(matches!(dream(&photo(80, 80), wrong), Err(LookError::Option { .. })));
    }

    let saliency = |method| Saliency::new(noise(1, 18), [2, 3], &half(), method);
    let smooth = |samples, noise| saliency(Method::Smooth { samples, noise, seed: 0 }).map(drop);
    let integrated = |steps, baseline| saliency(Method::Integrated { steps, baseline });
    assert!(is_length(Saliency::new(noise(1, 18), [2, 4], &half(), Method::Gradient).map(drop)));
    assert!(smooth(0, 0.1).is_err() && smooth(1, -0.1).is_err() && smooth(1, f32::NAN).is_err());
    assert!(integrated(0, Baseline::Grey).is_err());
    assert!(is_length(integrated(2, Baseline::Given(vec![0.0; 17])).map(drop)));
    let mut saliency = integrated(2, Baseline::Grey).unwrap();
    assert!(is_length(saliency.take(&[0.0; 17])));
    saliency.take(&[0.0; 18]).unwrap();
    assert_eq!(saliency.finish().map(drop), Err(LookError::Run { run: 1, runs: 2 }));

    let tensor = |channels| Tensor { shape: [channels, 2, 2], data: vec![0.0; 4 * channels] };
    assert!(is_length(grad_cam(&tensor(2), &tensor(3)).map(drop)));
    assert!(is_length(grad_cam(&Tensor { shape: [2, 2, 3], ..tensor(2) }, &tensor(2)).map(drop)));
}
