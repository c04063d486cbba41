import { DeviceId, VlobId } from "@parsec/types";
import { openDB } from "idb";
import { describe, expect, onTestFinished, test } from "vitest";
import { strictDriver } from "../../src/index.ts";
import { indexedDbDriver } from "../../src/web/indexeddb/driver.ts";
import { driverContract } from "../driver/contract.ts";

const newDriver = () => indexedDbDriver({ dir: `/test-${crypto.randomUUID()}` });

driverContract("IndexedDB", newDriver);
driverContract("strict IndexedDB", () => strictDriver(newDriver()));

describe("IndexedDB", () => {
  const deviceId = DeviceId.generate();
  const realmId = VlobId.generate();

  test("a removed device leaves no database behind, those of its workspaces included", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const driver = indexedDbDriver({ dir });
    const device = await driver.openDevice(deviceId);
    await device.openUser(VlobId.generate());
    await device.openWorkspace(realmId);
    await device.close();
    const names = async () => (await indexedDB.databases()).filter(({ name }) => name?.startsWith(dir));
    expect(await names()).toHaveLength(3);
    await driver.removeDevice(deviceId);
    expect(await names()).toEqual([]);
  });

  test("a check leaves no database behind", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    await indexedDbDriver({ dir }).check();
    expect((await indexedDB.databases()).filter(({ name }) => name?.startsWith(dir))).toEqual([]);
  });

  test("a connection that is closed under us is opened again", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const device = await indexedDbDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 4 }]);
    const name = `${dir}-${deviceId}-${realmId}-workspace`;
    await interrupt(name);
    expect(await workspace.checkpoint()).toBe(4);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 5 }]);
    expect(await workspace.checkpoint()).toBe(5);
  });

  test("the database of a later version is refused, not touched", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const driver = indexedDbDriver({ dir });
    await (await driver.openDevice(deviceId)).close();
    const later = await openDB(`${dir}-${deviceId}-certificates`, 99);
    later.close();
    await expect(driver.openDevice(deviceId)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
    const again = await openDB(`${dir}-${deviceId}-certificates`, 99);
    expect(again.version).toBe(99);
    again.close();
  });

  test("a failed write leaves nothing of its batch", async () => {
    const device = await newDriver().openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    const impossible = { kind: "put_pattern", pattern: { pattern: "a", fullyApplied: () => true } };
    const writes = [{ kind: "put_checkpoint", checkpoint: 9 }, impossible] as unknown as Parameters<
      typeof workspace.apply
    >[0];
    await expect(workspace.apply(writes)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    expect(await workspace.checkpoint()).toBe(0);
  });
});

/** Begins an upgrade, which makes every open connection close, and takes it back. */
function interrupt(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name, 77);
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = () => resolve();
  });
}
