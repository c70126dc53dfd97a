/** Side of a thumbnail in pixels. */
export const THUMBNAIL = 88;

/**
 * The middle of a picture, small.
 * @param {Blob | ImageBitmap} image
 * @returns {Promise<Uint8Array | null>} WebP, or what the browser writes instead; null where it does not show such pictures
 */
export async function thumbnailOf(image) {
  try {
    const bitmap = image instanceof Blob ? await createImageBitmap(image) : image;
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(THUMBNAIL, THUMBNAIL);
    const context = canvas.getContext('2d');
    if (context === null) return null;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, THUMBNAIL, THUMBNAIL);
    if (bitmap !== image) bitmap.close();
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    return null;
  }
}
