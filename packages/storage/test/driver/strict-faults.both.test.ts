import { expect, test } from "vitest";
import { strictDriver } from "../../src/index.ts";
import { openAll, steps, workDeviceId } from "../support/workload.ts";
import { expectedStates, expectStep } from "./fault-contract.ts";

// The memory driver, that fails or dies at every write: what the other drivers are held to.

const states = await expectedStates();
const writes = Array.from(steps, (_, index) => index + 1);

test.each(writes)("write %i is refused: it is not stored, and can be done again", async (k) => {
  const driver = strictDriver();
  const opened = await openAll(await driver.openDevice(workDeviceId));
  driver.plan({ failAtWrite: k });
  for (const [index, step] of steps.entries()) {
    if (index !== k - 1) await step(opened);
    else {
      await expect(step(opened)).rejects.toMatchObject({ code: "STORAGE_FULL" });
      await expectStep(opened, index, states, { orNext: false });
      await step(opened);
    }
  }
  await expectStep(opened, steps.length, states, { orNext: false });
});

test.each(
  writes.flatMap((k) => [
    { k, stored: false },
    { k, stored: true },
  ]),
)("the device dies at write $k (stored: $stored)", async ({ k, stored }) => {
  const driver = strictDriver();
  const opened = await openAll(await driver.openDevice(workDeviceId));
  driver.plan({ dieAtWrite: k, storedBeforeDeath: stored });
  for (const step of steps.slice(0, k - 1)) await step(opened);
  const last = steps[k - 1] ?? (async () => undefined);
  await expect(last(opened)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  await expect(last(opened)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  driver.plan();
  const again = await openAll(await driver.openDevice(workDeviceId));
  await expectStep(again, stored ? k : k - 1, states, { orNext: false });
});
