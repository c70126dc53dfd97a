const START_LIMIT_MS = 5000;

/** The workers that are the other threads of an engine's team. */
export class Helpers {
  /** @type {import('../shared/protocol.js').EngineWorker[]} */
  #workers = [];

  /**
   * @param {() => import('../shared/protocol.js').EngineWorker} open starts a worker on the engine's script
   * @param {(message: string) => void} onCrash a thread ended after the start: the team waits for it in vain
   */
  constructor(open, onCrash) {
    this.open = open;
    this.onCrash = onCrash;
  }

  /**
   * @param {number} count
   * @param {import('../shared/protocol.js').Team} team
   * @returns {Promise<string | null>} null when all threads wait for work, else why there are none
   */
  start(count, team) {
    return new Promise((resolve) => {
      const fail = (/** @type {string} */ reason) => {
        clearTimeout(timer);
        this.stop();
        resolve(reason);
      };
      const timer = setTimeout(
        () => fail(`${count} helper workers did not start within ${START_LIMIT_MS / 1000} s`),
        START_LIMIT_MS,
      );
      let ready = 0;
      const onReady = () => {
        ready += 1;
        if (ready < count) return;
        clearTimeout(timer);
        for (const worker of this.#workers) worker.onerror = (event) => this.onCrash(event.message);
        resolve(null);
      };
      for (let i = 0; i < count; i += 1) {
        const worker = this.open();
        worker.onmessage = onReady;
        worker.onerror = (event) => fail(`a helper worker did not start: ${event.message ?? 'its script did not load'}`);
        worker.postMessage({ type: 'helper', team });
        this.#workers.push(worker);
      }
    });
  }

  stop() {
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }
}
