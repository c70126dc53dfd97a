/**
 * The address of the model file, for `Inception.load`: BVLC's GoogLeNet (input 224 x 224) with the thousand classes of ImageNet, whose names
 * it holds; 7 MB, in 8 bits a weight.
 */
declare const address: string;
export default address;
