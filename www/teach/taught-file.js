/**
 * @param {Blob} file of a head, or of examples, in safetensors
 * @returns {Promise<Record<string, string | undefined>>} what it says of itself: `title` and `network` that it was made for, `threshold`
 */
export async function saidIn(file) {
  try {
    const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
    return JSON.parse(await file.slice(8, 8 + Number(length)).text()).__metadata__ ?? {};
  } catch {
    return {};
  }
}
