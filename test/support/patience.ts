/** Turns of the event loop, of a millisecond and more each: a busy machine gives as many of them as an idle one. */
const mostTurns = 5000;

/**
 * What the promise gives. Fails by the name of what is awaited when it does not settle: a test that hangs says no more
 * than that it took too long.
 */
export async function comes<T>(what: string, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await holds(what, () => isSettled);
  return promise;
}

/** Resolves once the condition holds, and fails by its name when it does not come to hold. */
export async function holds(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await isSo()); turn += 1) {
    if (turn === mostTurns) throw new Error(`waited in vain for ${what}`);
    // Whatever needs no timer is done within a few turns.
    await new Promise<void>((resolve) => {
      if (turn < 50 && typeof setImmediate === "function") setImmediate(resolve);
      else setTimeout(resolve, 1);
    });
  }
}
