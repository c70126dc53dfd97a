/**
 * @param {Blob} file of a head, or of examples, in safetensors
 * @returns {Promise<string | null>} the title of the model that it was made for; null where it says none
 */
export async function titleIn(file) {
  try {
    const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
    const { __metadata__: said } = JSON.parse(await file.slice(8, 8 + Number(length)).text());
    return said.title ?? said.network ?? null;
  } catch {
    return null;
  }
}
