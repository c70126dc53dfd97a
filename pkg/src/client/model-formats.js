// The endings of model files, of every format that is read; those of class names are not among them.

/** Of files that hold all weights of their model. */
export const WHOLE_ENDINGS = ['safetensors', 'pth', 'pt', 'ckpt', 'h5', 'hdf5', 'keras'];
/** Of files that a model's other files belong to. */
export const PARTED_ENDINGS = ['onnx', 'pb', 'index', 'caffemodel'];
/** Of all that belongs to a model. */
export const MODEL_ENDINGS = [...WHOLE_ENDINGS, ...PARTED_ENDINGS, 'json', 'bin', 'data', 'onnx_data', 'gz'];
