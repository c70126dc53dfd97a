//! How published checkpoints want their pictures, one preset per publisher.

use crate::image::{Channels, Crop, Filter, Order, Preprocess, Resize};

const fn base(size: u32) -> Preprocess {
    Preprocess {
        width: size,
        height: size,
        resize: Resize::Stretch,
        resize_to: size,
        crop: Crop::None,
        order: Order::ResizeCrop,
        filter: Filter::Bilinear,
        channels: Channels::Rgb,
        scale: 1.0,
        mean: [0.0; 3],
        std: [1.0; 3],
        standardize: false,
    }
}

const fn cropped(size: u32, resize_to: u32, filter: Filter) -> Preprocess {
    Preprocess { resize: Resize::ShortestSide, resize_to, crop: Crop::Center, filter, ..base(size) }
}

/// To [-1, 1].
const fn half(preprocess: Preprocess) -> Preprocess {
    Preprocess { scale: 1.0 / 255.0, mean: [0.5; 3], std: [0.5; 3], ..preprocess }
}

/// torchvision's GoogLeNet: `transform_input` undoes the ImageNet normalisation into (rgb - 0.5) / 0.5.
pub(super) const TORCHVISION_GOOGLENET: Preprocess = half(cropped(224, 256, Filter::Bilinear));
/// torchvision's Inception-v3: shorter side to 342, with `transform_input` as of its GoogLeNet.
pub(super) const TORCHVISION_V3: Preprocess = half(cropped(299, 342, Filter::Bilinear));
/// timm's Inception-v3 and v4, crop 0.875: shorter side to floor(299 / 0.875).
pub(super) const TIMM_299: Preprocess = half(cropped(299, 341, Filter::Bicubic));
/// timm's Inception-ResNet-v2, crop 0.8975.
pub(super) const TIMM_RESNET_V2: Preprocess = half(cropped(299, 333, Filter::Bicubic));
/// The seed networks, for which no weights were published: [-1, 1] like the rest of the family.
pub(super) const UNPUBLISHED_224: Preprocess = half(cropped(224, 256, Filter::Bilinear));
/// The same at the sizes of the tutorials' other networks.
pub(super) const UNPUBLISHED_299: Preprocess = half(cropped(299, 342, Filter::Bilinear));
/// As above.
pub(super) const UNPUBLISHED_160: Preprocess = half(cropped(160, 183, Filter::Bilinear));
/// The book's resized Fashion-MNIST, as `ToTensor` makes it.
pub(super) const D2L: Preprocess = Preprocess { scale: 1.0 / 255.0, ..base(96) };
/// facenet-pytorch's `fixed_image_standardization` of an aligned face.
pub(super) const FACENET: Preprocess = Preprocess { mean: [127.5; 3], std: [128.0; 3], ..base(160) };
/// FaceNet's `prewhiten`: each picture by its own mean and deviation.
pub(super) const FACENET_PREWHITEN: Preprocess = Preprocess { standardize: true, ..base(160) };
/// pretrainedmodels' BN-Inception; the last mean is 128 there.
pub(super) const CADENE: Preprocess =
    Preprocess { channels: Channels::Bgr, mean: [104.0, 117.0, 128.0], ..cropped(224, 256, Filter::Bilinear) };
/// BVLC's GoogLeNet: Caffe stretches to 256 x 256 and crops the centre. It was trained on pictures shrunk by a cubic-like filter.
pub(super) const CAFFE: Preprocess = Preprocess {
    resize: Resize::Stretch,
    channels: Channels::Bgr,
    mean: [104.0, 117.0, 123.0],
    ..cropped(224, 256, Filter::Bicubic)
};
/// TF-slim's evaluation: the central 0.875 of both sides, stretched.
pub(super) const SLIM: Preprocess =
    half(Preprocess { resize: Resize::Stretch, order: Order::CropResize, ..cropped(299, 342, Filter::Bilinear) });
/// The graph of 2015-12-05, as FID uses it.
pub(super) const FID: Preprocess = Preprocess { mean: [128.0; 3], std: [128.0; 3], ..base(299) };
/// Keras applications' Inception-v3: x / 127.5 - 1.
pub(super) const KERAS: Preprocess = Preprocess { mean: [127.5; 3], std: [127.5; 3], ..base(299) };
/// nsfwjs: `resizeBilinear` with `alignCorners`, x / 255.
pub(super) const NSFWJS: Preprocess =
    Preprocess { scale: 1.0 / 255.0, filter: Filter::BilinearAlignCorners, ..base(299) };

/// The usual preset of a network, for files that say nothing about it.
pub(crate) fn usual(network: &str) -> Preprocess {
    match network {
        "googlenet" => CAFFE,
        "googlenet-torchvision" => TORCHVISION_GOOGLENET,
        "inception-v2-caffe" => CADENE,
        "inception-v3-slim" => SLIM,
        "inception-v3-2015" => FID,
        "inception-v3" | "inception-v4" => TIMM_299,
        "inception-resnet-v1" => FACENET,
        "inception-resnet-v2" => TIMM_RESNET_V2,
        "inception-v4-shared" => UNPUBLISHED_299,
        "inception-resnet-v1-shared" => UNPUBLISHED_160,
        _ => UNPUBLISHED_224,
    }
}
