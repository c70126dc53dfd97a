//! The sources of the recorded answers: what every test that goes over them goes over.

/// A model of a reference library.
pub struct Source {
    /// What its files in `tests/reference` are called.
    pub name: &'static str,
    /// Id of its network.
    pub network: &'static str,
    /// Whether it has auxiliary heads.
    pub auxiliary: bool,
}

const fn source(name: &'static str, network: &'static str, auxiliary: bool) -> Source {
    Source { name, network, auxiliary }
}

/// Every source with a key list and recorded answers.
pub const SOURCES: [Source; 15] = [
    source("paper_googlenet", "googlenet", true),
    source("torchvision_googlenet", "googlenet-torchvision", true),
    source("seed_inception_v1_c2", "inception-v1-bn", false),
    source("seed_inception_v1_c1000", "inception-v1-bn", false),
    source("seed_inception_v2_c10", "inception-v2", false),
    source("seed_inception_v2_c1000", "inception-v2", false),
    source("cadene_bninception", "inception-v2-caffe", false),
    source("torchvision_inception_v3", "inception-v3", true),
    source("timm_inception_v3", "inception-v3", false),
    source("seed_inception_v3_slim", "inception-v3-slim", true),
    source("timm_inception_v4", "inception-v4", false),
    source("facenet_inception_resnet_v1", "inception-resnet-v1", false),
    source("timm_inception_resnet_v2", "inception-resnet-v2", false),
    source("seed_inception_v4", "inception-v4-shared", false),
    source("seed_inception_resnet_v1", "inception-resnet-v1-shared", false),
];
