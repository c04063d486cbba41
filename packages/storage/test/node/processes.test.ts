import { toHex } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import { DeviceId, VlobId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { openDeviceStorage } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { type Child, startProgram } from "../support/child.ts";
import { temporaryFolder } from "../support/folder.ts";

beforeAll(() => ready());

async function startWriter() {
  const dir = await temporaryFolder();
  const localSymkey = SecretKey.generate();
  const owner = { deviceId: DeviceId.generate(), userRealmId: VlobId.generate(), localSymkey };
  const realmId = VlobId.generate();
  const entryId = VlobId.generate();
  const args = [dir, owner.deviceId, realmId, entryId, toHex(localSymkey.toBytes())];
  const start = (): Promise<Child> => startProgram("writer.ts", args);
  return { driver: sqliteDriver({ dir }), owner, realmId, entryId, start };
}

describe("two processes", () => {
  test("the second one gets DEVICE_IN_USE, or waits until the first one is gone, however it went", {
    timeout: 20_000,
  }, async () => {
    const { driver, owner, start } = await startWriter();
    const child = await start();
    await child.printed("open");
    await expect(openDeviceStorage(driver, owner)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
    const waiting = openDeviceStorage(driver, owner, { wait: true });
    child.kill();
    const storage = await waiting;
    await storage.close();
  });

  test("a process that comes second ends with the error", { timeout: 20_000 }, async () => {
    const { driver, owner, start } = await startWriter();
    const storage = await openDeviceStorage(driver, owner);
    const child = await start();
    expect(await child.ended).toBe(1);
    expect(child.lines).toEqual(["DEVICE_IN_USE"]);
    await storage.close();
  });
});

describe("SIGKILL while it writes", () => {
  test("the manifest that is found has its chunk, nothing acknowledged is lost, again and again", {
    timeout: 60_000,
  }, async () => {
    const { driver, owner, realmId, entryId, start } = await startWriter();
    let acknowledged = 0;
    for (let round = 1; round <= 5; round += 1) {
      const child = await start();
      await child.printed(`stored ${acknowledged + 3 * round}`);
      child.kill();
      await child.ended;
      acknowledged = Number(child.lines.at(-1)?.replace("stored ", ""));

      const storage = await openDeviceStorage(driver, owner);
      const store = await storage.openWorkspace(realmId);
      const manifest = await store.getManifest(entryId);
      if (manifest?.type !== "local_file_manifest") throw new Error("the file is gone");
      const { version } = manifest.base;
      expect(version).toBeGreaterThanOrEqual(acknowledged);
      const [view] = manifest.blocks[0] ?? [];
      if (view === undefined) throw new Error("no view");
      expect(await store.getChunk(view.id)).toEqual(new Uint8Array(20_000 + version).fill(version % 251));
      expect(await store.getOutboundNeedSync(9)).toEqual([entryId]);
      await storage.close();
    }
  });
});
