import { indexedDbDriver } from "../../src/web/indexeddb/driver.ts";
import { watchIndexedDb } from "./watched-indexeddb.ts";
import { openAll, steps, workDeviceId } from "./workload.ts";

// Does the steps of the workload in a worker, tells which are done, and stands still for ever before the k-th write: who
// started it ends it then, in the middle of a transaction.

addEventListener("message", ({ data }: MessageEvent<{ readonly dir: string; readonly fatal: number }>) => {
  void work(data.dir, data.fatal);
});

async function work(dir: string, fatal: number): Promise<void> {
  const opened = await openAll(await indexedDbDriver({ dir }).openDevice(workDeviceId));
  let left = fatal;
  watchIndexedDb(() => {
    left -= 1;
    if (left > 0) return;
    postMessage("dying");
    for (;;);
  });
  for (const step of steps) {
    await step(opened);
    postMessage("done");
  }
  postMessage("finished");
}
