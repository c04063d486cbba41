/** How long, in milliseconds, this thread may work before timers and events get their turn. */
const longestWork = 8;

/** When the others had their last turn, on the clock of `performance`. */
let lastTurn = Number.NEGATIVE_INFINITY;

/**
 * Lets timers and events run when this thread has worked for a while without giving them a turn; else costs nothing.
 * To be awaited between the steps of a loop that may never wait for anything outside: promises alone never let a timer
 * fire, so that a long loop over content in memory could not be cancelled.
 */
export function breathe(): Promise<void> | undefined {
  return performance.now() - lastTurn < longestWork ? undefined : turn();
}

async function turn(): Promise<void> {
  await nextTask();
  lastTurn = performance.now();
}

/** After what the event loop has waiting. Not `setTimeout`, which browsers stretch to 4 ms when it is used again and again. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
