import { describe, expect, test } from "vitest";
import { StorageError } from "../../src/index.ts";
import { indexedDbDriver } from "../../src/web/indexeddb/driver.ts";
import { expectedStates, expectStep } from "../driver/fault-contract.ts";
import { watchIndexedDb } from "../support/watched-indexeddb.ts";
import { openAll, steps, workDeviceId } from "../support/workload.ts";

// Every request of every step fails once, and the worker that does them is ended in the middle of some.

const states = await expectedStates();
const newDir = () => `/test-${crypto.randomUUID()}`;

describe.each([
  ["UnknownError", "STORAGE_UNAVAILABLE"],
  ["QuotaExceededError", "STORAGE_FULL"],
  ["AbortError", "STORAGE_UNAVAILABLE"],
])("%s at the k-th write, for every k", (name, code) => {
  test("the step is not stored; it can be done again, and the others go on", { timeout: 120_000 }, async () => {
    for (let k = 1; ; k += 1) {
      const driver = indexedDbDriver({ dir: newDir() });
      const device = await driver.openDevice(workDeviceId);
      const opened = await openAll(device);
      let left = k;
      const stop = watchIndexedDb(() => {
        left -= 1;
        if (left === 0) throw new DOMException("as planned", name);
      });
      for (const [index, step] of steps.entries()) {
        const error = await step(opened).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(StorageError);
        expect(error).toMatchObject({ code });
        await expectStep(opened, index, states, { orNext: false });
        await step(opened);
      }
      stop();
      await expectStep(opened, steps.length, states, { orNext: false });
      await device.close();
      const again = await driver.openDevice(workDeviceId);
      await expectStep(await openAll(again), steps.length, states, { orNext: false });
      await again.close();
      await driver.removeDevice(workDeviceId);
      if (left > 0) {
        expect(k).toBeGreaterThan(30);
        return;
      }
    }
  });
});

/** Does the work until the k-th write. Gives how many steps were acknowledged, and whether it came to its end. */
function workInWorker(dir: string, fatal: number): Promise<{ readonly done: number; readonly isFinished: boolean }> {
  const worker = new Worker(new URL("../support/mortal-worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    let done = 0;
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.addEventListener("message", ({ data }) => {
      if (data === "done") {
        done += 1;
        return;
      }
      worker.terminate();
      resolve({ done, isFinished: data === "finished" });
    });
    worker.postMessage({ dir, fatal });
  });
}

// Not before every write: starting a worker takes seconds.
test.each([1, 4, 8, 12, 17, 22, 27, 33, 1000])(
  "a worker that dies before write %i: what was acknowledged is there",
  {
    timeout: 120_000,
  },
  async (k) => {
    const dir = newDir();
    const { done, isFinished } = await workInWorker(dir, k);
    expect(isFinished).toBe(k === 1000);
    const driver = indexedDbDriver({ dir });
    // The lock of the dead is free once the browser has noticed.
    const device = await driver.openDevice(workDeviceId, { wait: true });
    const opened = await openAll(device);
    const reached = await expectStep(opened, done, states, { orNext: !isFinished });
    for (const step of steps.slice(reached)) await step(opened);
    await expectStep(opened, steps.length, states, { orNext: false });
    await device.close();
    await driver.removeDevice(workDeviceId);
  },
);
