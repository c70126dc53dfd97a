import { InceptionError, inceptionErrorFrom } from '../shared/errors.js';
import { Guard } from './guard.js';
import { startArtefact } from './wasm.js';

/** @typedef {import('./model-files.js').LoadedFile} LoadedFile */
/** @typedef {import('../shared/protocol.js').ConvertGlue} ConvertGlue */
/** @typedef {import('../shared/protocol.js').ConvertOptions} ConvertOptions */

/**
 * A checkpoint of any library as one of our own files, which is made as it is read, in an instance of the converting artefact that holds
 * copies of its files and goes with it.
 */
export class ForeignFiles {
  /** What reading failed of. @type {InceptionError | null} */
  failure = null;
  #guard;
  #converter;

  /**
   * @param {Guard<ConvertGlue>} guard
   * @param {import('../shared/protocol.js').GlueConverter} converter
   * @param {number} length
   */
  constructor(guard, converter, length) {
    this.#guard = guard;
    this.#converter = converter;
    /** Bytes of the file. */
    this.length = length;
  }

  /**
   * Fetches what knows the other formats, and recognises the files.
   * @param {LoadedFile[]} files emptied: they are copied
   * @param {ConvertOptions} options
   * @param {string | null} wasmUrl
   * @returns {Promise<ForeignFiles>}
   * @throws {InceptionError} `network`, `bad-weights`, `unsupported`, `unknown-model`, `out-of-memory`
   */
  static async open(files, options, wasmUrl) {
    const guard = new Guard((await startArtefact('convert', wasmUrl)).glue);
    const converter = guard.call((glue) => new glue.Converter());
    try {
      for (let file = files.shift(); file !== undefined; file = files.shift()) {
        const { name, bytes } = file;
        guard.call(() => converter.add(name, bytes));
      }
      return new ForeignFiles(guard, converter, guard.call(() => converter.open(JSON.stringify(options))));
    } catch (error) {
      if (!guard.isBroken) converter.free();
      throw error;
    }
  }

  /**
   * Some of the file.
   * @param {number} begin
   * @param {number} end
   * @returns {Uint8Array} nothing where it fails; `failure` says of what
   */
  read(begin, end) {
    try {
      return this.#guard.call(() => this.#converter.read(begin, end));
    } catch (error) {
      this.failure = inceptionErrorFrom(error);
      return new Uint8Array();
    }
  }

  /** @throws {InceptionError} what reading failed of */
  throwFailure() {
    if (this.failure !== null) throw this.failure;
  }

  /** Gives its memory back. */
  free() {
    if (!this.#guard.isBroken) this.#converter.free();
  }
}
