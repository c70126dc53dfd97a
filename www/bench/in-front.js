/** @typedef {(paused: boolean) => void} OnPause is told when the page is hidden and waits, and when that ends */

/**
 * Does work while the page is in front: browsers give hidden pages little time. What the page was hidden during is stopped and done anew.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @param {AbortSignal} signal
 * @param {OnPause} onPause
 * @returns {Promise<T>}
 */
export async function inFront(work, signal, onPause) {
  for (;;) {
    if (document.hidden) {
      onPause(true);
      await shown(signal).finally(() => onPause(false));
    }
    signal.throwIfAborted();
    const turn = new AbortController();
    let wasHidden = false;
    const hide = () => {
      wasHidden = true;
      turn.abort();
    };
    const stop = () => turn.abort(signal.reason);
    document.addEventListener('visibilitychange', hide);
    signal.addEventListener('abort', stop);
    try {
      const value = await work(turn.signal);
      if (!wasHidden) return value;
    } catch (error) {
      if (signal.aborted || !wasHidden) throw error;
    } finally {
      document.removeEventListener('visibilitychange', hide);
      signal.removeEventListener('abort', stop);
    }
  }
}

/** @param {AbortSignal} signal @returns {Promise<void>} when the page is shown; rejected with the signal's reason */
function shown(signal) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (signal.aborted) reject(signal.reason);
      else if (!document.hidden) resolve();
      else return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });
}
