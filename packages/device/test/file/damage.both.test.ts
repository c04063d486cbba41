import { ParsecError } from "@parsec/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { listDevices, loadDevice, memoryDeviceStore, saveDevice } from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";
import { quickPassword } from "../support/vectors.ts";

const protection = quickPassword("p");

/** Whatever a file holds, it opens or gives an error of ours. */
async function expectHandled(bytes: Uint8Array): Promise<void> {
  const store = memoryDeviceStore();
  await store.write("devices/a.keys", bytes);
  expect((await listDevices(store)).length).toBeLessThanOrEqual(1);
  await loadDevice(store, "devices/a.keys", protection).catch((error: unknown) => {
    if (!ParsecError.is(error)) throw error;
    expect(["INVALID_DATA", "DECRYPTION_FAILED", "BAD_ACCESS_STRATEGY", "CIPHERTEXT_KEY_GENERATION_FAILED"]).toContain(
      error.code,
    );
  });
}

test("any bytes", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), expectHandled));
});

test("a device file with any byte changed", async () => {
  const store = memoryDeviceStore();
  const { path } = await saveDevice(store, newDevice(), protection);
  const file = await store.read(path);
  // The cost of the derivation is part of the file: a change there may make it huge, which is refused, or just slow.
  const text = new TextDecoder("latin1").decode(file);
  const costs = ["memlimit_kb", "opslimit"].map((name) => text.indexOf(name) + name.length);
  const position = fc.nat(file.length - 1).filter((at) => costs.every((cost) => at !== cost));
  await fc.assert(
    fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, change) => {
      await expectHandled(file.map((byte, index) => (index === at ? byte ^ change : byte)));
    }),
    { numRuns: 300 },
  );
});
