/**
 * The address of the model file, for `Inception.load`: an Inception-v3 (input 299 x 299, RGB) with the classes Drawing, Hentai, Neutral,
 * Porn and Sexy, 22.4 MB; the weights of nsfwjs 4.4.0 as they were published, in 8 bits each.
 */
declare const address: string;
export default address;
