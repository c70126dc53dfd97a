// What every build of the engine is held against: one network of each family, with generated weights.

/** Sources of tests/reference. */
export const SOURCES = [
  'paper_googlenet',
  'cadene_bninception',
  'torchvision_inception_v3',
  'seed_inception_v3_slim',
  'timm_inception_v4',
  'facenet_inception_resnet_v1',
  'timm_inception_resnet_v2',
];

/** Of the spread of the logits, and of an end point's largest value. */
export const TOLERANCE = 2e-4;
