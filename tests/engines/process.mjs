// Programs that tests start and end.

/**
 * Ends a program that was started in a group of its own, with all that it has started, and waits until it is gone.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function ended(child) {
  const gone = new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(undefined)));
  try {
    process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
  await gone;
}
