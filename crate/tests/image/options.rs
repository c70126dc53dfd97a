use inception::image::{Crop, Filter, ImageError, Preprocess, Resize};
use serde_json::{Value, json};

use super::torchvision;

#[test]
fn json_has_the_names_of_the_javascript_contract() {
    let expected = json!({
        "width": 299, "height": 299, "resize": "shortest-side", "resizeTo": 342, "crop": "center",
        "order": "resize-crop", "filter": "bilinear", "channels": "rgb", "scale": 1.0 / 255.0,
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "standardize": false,
    });
    assert_eq!(serde_json::to_value(torchvision()).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Preprocess>(expected).unwrap(), torchvision());
}

#[test]
fn merged_replaces_only_what_is_given() {
    let base = torchvision();
    assert_eq!(base.merged(&json!({})).unwrap(), base);
    let merged = base
        .merged(&json!({ "resize": "stretch", "crop": "none", "filter": "bilinear-align-corners", "std": [1, 2, 3] }))
        .unwrap();
    let expected = Preprocess {
        resize: Resize::Stretch,
        crop: Crop::None,
        filter: Filter::BilinearAlignCorners,
        std: [1.0, 2.0, 3.0],
        ..base
    };
    assert_eq!(merged, expected);
}

#[test]
fn impossible_options_are_refused_by_name_and_value() {
    let cases: [(Value, &str, &str); 21] = [
        (json!({ "width": 0 }), "width", "0"),
        (json!({ "height": 4097 }), "height", "4097"),
        (json!({ "width": -3 }), "width", "-3"),
        (json!({ "width": 29.5 }), "width", "29.5"),
        (json!({ "width": "299" }), "width", "\"299\""),
        (json!({ "width": null }), "width", "null"),
        (json!({ "resizeTo": 5000 }), "resizeTo", "5000"),
        (json!({ "resizeTo": 298 }), "resizeTo", "298"),
        (json!({ "resize": "fit" }), "resize", "\"fit\""),
        (json!({ "crop": "none" }), "crop", "none"),
        (json!({ "crop": "left" }), "crop", "\"left\""),
        (json!({ "order": 3 }), "order", "3"),
        (json!({ "filter": "nearest" }), "filter", "\"nearest\""),
        (json!({ "channels": "RGB" }), "channels", "\"RGB\""),
        (json!({ "scale": 0 }), "scale", "0"),
        (json!({ "scale": "1/255" }), "scale", "\"1/255\""),
        (json!({ "mean": [1, 2] }), "mean", "[1,2]"),
        (json!({ "mean": 0.5 }), "mean", "0.5"),
        (json!({ "std": [1, 0, 1] }), "std", "[1.0, 0.0, 1.0]"),
        (json!({ "std": [1, 1, -1] }), "std", "[1.0, 1.0, -1.0]"),
        (json!({ "standardize": 1 }), "standardize", "1"),
    ];
    for (options, name, shown) in cases {
        let error = torchvision().merged(&options).unwrap_err();
        let ImageError::BadField { field, value, .. } = &error else { panic!("{options}: {error}") };
        assert_eq!((field.as_str(), value.as_str()), (name, shown));
        assert!(error.is_option());
        assert!(error.to_string().starts_with(&format!("preprocess option {name} cannot be {shown}: ")), "{error}");
    }
}

#[test]
fn numbers_that_are_not_numbers_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let refused = |p: Preprocess, name: &str| match p.validate() {
            Err(ImageError::BadField { field, .. }) => assert_eq!(field, name),
            other => panic!("{name} = {bad}: {other:?}"),
        };
        refused(Preprocess { scale: bad, ..torchvision() }, "scale");
        refused(Preprocess { mean: [0.0, bad, 0.0], ..torchvision() }, "mean");
        refused(Preprocess { std: [1.0, 1.0, bad], ..torchvision() }, "std");
    }
}

#[test]
fn unknown_options_are_refused_with_the_known_ones() {
    let error = torchvision().merged(&json!({ "resize_to": 342 })).unwrap_err();
    assert!(matches!(&error, ImageError::UnknownField { field, .. } if field == "resize_to"));
    assert!(error.to_string().contains("resizeTo"), "{error}");
    assert!(error.is_option());
}

#[test]
fn options_are_an_object() {
    for value in [json!(null), json!([1]), json!("bicubic")] {
        let error = torchvision().merged(&value).unwrap_err();
        assert_eq!(error, ImageError::NotAnObject(value.to_string()));
        assert!(error.is_option());
    }
}

#[test]
fn bad_options_are_refused_when_applied() {
    let image = inception::image::Rgb8 { width: 1, height: 1, pixels: vec![0; 3] };
    let p = Preprocess { width: 0, ..torchvision() };
    assert!(matches!(p.apply(&image, &mut Vec::new()), Err(ImageError::BadField { .. })));
}
