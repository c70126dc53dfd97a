use std::path::Path;

use inception::image::{Crop, Filter, Order, Preprocess, Resize, decode};

use super::{Distance, distance, open, read, torchvision};

const MEGAPIXEL: u64 = 1 << 20;

/// The recorded pictures are Pillow's: bicubic to a shorter side of n * 8 / 7, then the central n x n.
fn recorded(size: u32) -> Preprocess {
    Preprocess {
        width: size,
        height: size,
        resize: Resize::ShortestSide,
        resize_to: size * 8 / 7,
        crop: Crop::Center,
        order: Order::ResizeCrop,
        filter: Filter::Bicubic,
        scale: 1.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        ..torchvision()
    }
}

#[test]
fn real_photos_resize_to_the_recorded_pictures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/verify/photos");
    if !folder.is_dir() {
        println!("SKIPPED real photos: {} is absent", folder.display());
        return;
    }
    let originals = [
        ("chelsea.png", 451, 300),
        ("coffee.png", 600, 400),
        ("astronaut.png", 512, 512),
        ("rocket.jpg", 640, 427),
        ("china.jpg", 640, 427),
        ("flower.jpg", 640, 427),
    ];
    for (file, width, height) in originals {
        let image = decode(&read(folder.join(file)), MEGAPIXEL).unwrap();
        assert_eq!((image.width, image.height), (width, height), "{file}");
    }

    // Of the recorded pictures, those whose longer side comes out the same rounded and cut off.
    let derived = [("coffee.png", 224), ("rocket.jpg", 299), ("china.jpg", 299), ("flower.jpg", 299)];
    for (file, size) in derived {
        let image = decode(&read(folder.join(file)), MEGAPIXEL).unwrap();
        let (name, suffix) = file.split_once('.').unwrap();
        let expected = open(folder.join(format!("{name}_{size}.png")));
        let mut out = Vec::new();
        recorded(size).apply(&image, &mut out).unwrap();
        let found: Vec<u8> = out.iter().map(|&v| v as u8).collect();
        let apart @ Distance { max, mean, over_one } = &distance(&found, &expected.pixels);
        println!("{file} at {size}: {apart:?}");
        match suffix {
            "png" => assert!(*max <= 2 && *over_one <= 1e-4, "{file}: {apart:?}"),
            _ => assert!(*max <= 3 && *mean < 0.5, "{file}: {apart:?}"),
        }
    }
}
