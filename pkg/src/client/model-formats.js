/** Endings of model files, of every format that is read; those of class names are not among them. */
export const MODEL_ENDINGS = ['safetensors', 'pth', 'pt', 'ckpt', 'h5', 'hdf5', 'keras', 'onnx', 'pb', 'caffemodel', 'json', 'bin', 'index', 'data', 'onnx_data', 'gz'];
