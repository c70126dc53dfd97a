// Firefox and WebKit as the tests and measurements use them: what they need of Playwright's names, on the WebDriver protocol, which
// Playwright does not speak to browsers that a system has installed.

import { writeFile } from 'node:fs/promises';

/**
 * Sends one command of the protocol.
 * @typedef {(name: 'go' | 'run' | 'picture' | 'resize', parameters: Record<string, unknown>) => Promise<any>} Send
 * @typedef {{ send: Send, version: string, end: () => Promise<void> }} Session a browser of its own, with a profile of its own
 */

const POLL_MS = 50;
/** Until a page has to have done what is waited for. */
const LIMIT_MS = 120_000;

/** A browser engine; every context is a process with a profile of its own. */
export class Browser {
  /** @type {Set<Session>} */
  #sessions = new Set();
  #version = '';
  #start;

  /**
   * @param {string} name of the engine's browser
   * @param {() => Promise<Session>} start
   */
  constructor(name, start) {
    this.name = name;
    this.#start = start;
  }

  /** Starts it once, to know that it can be started and which it is. */
  async check() {
    await (await this.newPage()).close();
    return this;
  }

  version() {
    return this.#version;
  }

  async newContext() {
    return { newPage: () => this.newPage() };
  }

  async newPage() {
    const session = await this.#start();
    this.#sessions.add(session);
    this.#version = session.version;
    return new Page(session, async () => {
      this.#sessions.delete(session);
      await session.end();
    });
  }

  async close() {
    await Promise.all([...this.#sessions].map((session) => session.end()));
    this.#sessions.clear();
  }
}

export class Page {
  #limit = LIMIT_MS;
  #session;
  #end;
  #url = '';

  /**
   * @param {Session} session
   * @param {() => Promise<void>} end
   */
  constructor(session, end) {
    this.#session = session;
    this.#end = end;
  }

  url() {
    return this.#url;
  }

  /** @param {number} limit in milliseconds */
  setDefaultTimeout(limit) {
    this.#limit = limit;
  }

  /** @param {string} url */
  async goto(url) {
    this.#url = url;
    await this.#session.send('go', { url });
  }

  /**
   * Calls a function in the page, with what JSON can hold.
   * @template A, R
   * @param {(given: A) => R | Promise<R>} body
   * @param {A} [given]
   * @returns {Promise<R>}
   */
  async evaluate(body, given) {
    // Firefox runs scripts of the protocol in a world of their own, from which the page's `eval` leads into the page's.
    const call = `(${body})(${JSON.stringify(given) ?? 'undefined'})`;
    const script = `
      const done = arguments[arguments.length - 1];
      const answer = window.eval(${JSON.stringify(`(async () => JSON.stringify({ value: await ${call} }))().catch((error) => JSON.stringify({ error: String(error), stack: error?.stack }))`)});
      answer.then((text) => done(text));`;
    const { value, error, stack } = JSON.parse(await this.#session.send('run', { script, args: [] }));
    if (error !== undefined) throw new Error(`${error}\n${stack}`);
    return value;
  }

  /**
   * Waits until a function in the page answers with what is true.
   * @template A
   * @param {(given: A) => unknown} body
   * @param {A} [given]
   * @param {{ polling?: number }} [how]
   */
  async waitForFunction(body, given, { polling = POLL_MS } = {}) {
    const end = Date.now() + this.#limit;
    const failure = () => /** @type {any} */ (globalThis).failed;
    while (!(await this.evaluate(/** @type {(given: any) => boolean} */ (new Function('given', `return Boolean((${body})(given));`)), given))) {
      const failed = await this.evaluate(failure);
      if (failed !== undefined) throw new Error(`the page failed: ${failed}`);
      if (Date.now() > end) throw new Error(`the page had ${this.#limit} ms: ${body}`);
      await new Promise((resolve) => setTimeout(resolve, polling));
    }
  }

  /** @param {{ width: number, height: number }} size of the window in pixels */
  async setViewportSize(size) {
    await this.#session.send('resize', size);
  }

  /** @param {{ path: string }} where */
  async screenshot({ path }) {
    await writeFile(path, Buffer.from(await this.#session.send('picture', {}), 'base64'));
  }

  context() {
    return { close: () => this.close() };
  }

  async close() {
    await this.#end();
  }
}
