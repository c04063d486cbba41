import { DeviceId, VlobId } from "@parsec/types";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { CertificateRow, DeviceDatabases, StorageDriver } from "../../src/driver/port.ts";
import { workspaceContract } from "./workspace-contract.ts";

const bytes = (...values: number[]) => Uint8Array.of(...values);

function certificate(type: string, timestamp: number, filter1: number | null, filter2: number | null): CertificateRow {
  const filter = (value: number | null) => (value === null ? null : new Uint8Array(16).fill(value));
  return { type, timestamp, filter1: filter(filter1), filter2: filter(filter2), blob: bytes(timestamp % 256) };
}

/** What every storage driver does. `make` gives a driver without devices. */
export function driverContract(name: string, make: () => StorageDriver | Promise<StorageDriver>): void {
  describe(`the storage driver contract: ${name}`, () => {
    let driver: StorageDriver;
    const deviceId = DeviceId.generate();
    const userRealmId = VlobId.generate();
    const realmId = VlobId.generate();

    beforeEach(async () => {
      driver = await make();
    });

    async function open(id = deviceId): Promise<DeviceDatabases> {
      const device = await driver.openDevice(id);
      onTestFinished(() => device.close());
      return device;
    }

    /** Closes the device and opens it again. */
    async function reopen(device: DeviceDatabases): Promise<DeviceDatabases> {
      await device.close();
      return open();
    }

    describe("devices", () => {
      test("a check passes, also while a device is open, and leaves nothing that the next one minds", async () => {
        await driver.check();
        const device = await open();
        await driver.check();
        expect(await device.certificates.all()).toEqual([]);
      });

      test("a second opener is refused, until the first one closes", async () => {
        const first = await open();
        await expect(driver.openDevice(deviceId)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
        await first.close();
        await open();
      });

      test("a second opener may wait, and may give up waiting", async () => {
        const first = await open();
        const impatient = new AbortController();
        const givenUp = driver.openDevice(deviceId, { wait: true, signal: impatient.signal });
        const second = driver.openDevice(deviceId, { wait: true });
        impatient.abort(new Error("enough"));
        await expect(givenUp).rejects.toThrow("enough");
        await first.close();
        await (await second).close();
        await open();
      });

      test("devices do not see each other", async () => {
        const one = await open();
        const other = await open(DeviceId.generate());
        await one.certificates.apply([{ kind: "insert_certificate", row: certificate("a", 1, null, null) }]);
        expect(await other.certificates.all()).toEqual([]);
      });

      test("close is idempotent and ends every database", async () => {
        const device = await open();
        const user = await device.openUser(userRealmId);
        const workspace = await device.openWorkspace(realmId);
        await device.close();
        await device.close();
        const closed = { code: "STORAGE_CLOSED" };
        await expect(device.certificates.all()).rejects.toMatchObject(closed);
        await expect(device.certificates.apply([])).rejects.toMatchObject(closed);
        await expect(user.manifest()).rejects.toMatchObject(closed);
        await expect(workspace.checkpoint()).rejects.toMatchObject(closed);
        await expect(workspace.applyToCache([])).rejects.toMatchObject(closed);
        await expect(device.openWorkspace(realmId)).rejects.toMatchObject(closed);
        await expect(device.openUser(userRealmId)).rejects.toMatchObject(closed);
        await expect(device.removeWorkspace(realmId)).rejects.toMatchObject(closed);
      });

      test("a removed device is empty; removing is idempotent, and refused while it is in use", async () => {
        const device = await open();
        const workspace = await device.openWorkspace(realmId);
        await workspace.apply([{ kind: "put_checkpoint", checkpoint: 3 }]);
        await device.certificates.apply([{ kind: "insert_certificate", row: certificate("a", 1, null, null) }]);
        await expect(driver.removeDevice(deviceId)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
        await device.close();
        await driver.removeDevice(deviceId);
        await driver.removeDevice(deviceId);
        const again = await open();
        expect(await again.certificates.all()).toEqual([]);
        expect(await (await again.openWorkspace(realmId)).checkpoint()).toBe(0);
      });
    });

    describe("certificates", () => {
      const rows = [
        certificate("user", 10, 1, null),
        certificate("device", 10, 2, 1),
        certificate("role", 30, 9, 1),
        certificate("role", 20, 9, 3),
        certificate("role", 20, 9, 4),
        certificate("role", 25, 8, 1),
      ];
      const insertions = rows.map((row) => ({ kind: "insert_certificate", row }) as const);
      const filter = (value: number) => new Uint8Array(16).fill(value);

      test("come back in order of insertion, also after a new start", async () => {
        const device = await open();
        await device.certificates.apply(insertions);
        expect(await device.certificates.all()).toEqual(rows);
        expect(await (await reopen(device)).certificates.all()).toEqual(rows);
      });

      test("last: by type and filters, up to and including a timestamp; of equal ones the last inserted", async () => {
        const { certificates } = await open();
        await certificates.apply(insertions);
        expect(await certificates.last({ type: "role" })).toEqual(rows[2]);
        expect(await certificates.last({ type: "role" }, 29)).toEqual(rows[5]);
        expect(await certificates.last({ type: "role", filter1: filter(9) }, 29)).toEqual(rows[4]);
        expect(await certificates.last({ type: "role", filter1: filter(9) }, 20)).toEqual(rows[4]);
        expect(await certificates.last({ type: "role", filter1: filter(9) }, 19)).toBeUndefined();
        expect(await certificates.last({ type: "role", filter2: filter(1) }, 29)).toEqual(rows[5]);
        expect(await certificates.last({ type: "role", filter1: filter(9), filter2: filter(3) })).toEqual(rows[3]);
        expect(await certificates.last({ type: "user", filter2: filter(1) })).toBeUndefined();
        expect(await certificates.last({ type: "none" })).toBeUndefined();
      });

      test("list: ascending timestamps, equal ones in order of insertion, in pages", async () => {
        const { certificates } = await open();
        await certificates.apply(insertions);
        const roles = [rows[3], rows[4], rows[5], rows[2]];
        expect(await certificates.list({ type: "role" })).toEqual(roles);
        expect(await certificates.list({ type: "role" }, { upTo: 25 })).toEqual(roles.slice(0, 3));
        expect(await certificates.list({ type: "role" }, { offset: 1, limit: 2 })).toEqual(roles.slice(1, 3));
        expect(await certificates.list({ type: "role" }, { offset: 3 })).toEqual(roles.slice(3));
        expect(await certificates.list({ type: "role" }, { limit: 0 })).toEqual([]);
        expect(await certificates.list({ type: "role" }, { offset: 9, limit: 1 })).toEqual([]);
        expect(await certificates.list({ type: "role", filter1: filter(8) })).toEqual([rows[5]]);
      });

      test("last timestamps per type, or per type and first filter", async () => {
        const { certificates } = await open();
        expect(await certificates.lastTimestamps(["role"])).toEqual([]);
        await certificates.apply(insertions);
        const latest = [...(await certificates.lastTimestamps(["role"]))];
        latest.sort((a, b) => a.timestamp - b.timestamp || (a.type < b.type ? -1 : 1));
        expect(latest).toEqual([
          { type: "device", filter1: null, timestamp: 10 },
          { type: "user", filter1: null, timestamp: 10 },
          { type: "role", filter1: filter(8), timestamp: 25 },
          { type: "role", filter1: filter(9), timestamp: 30 },
        ]);
      });

      test("more than a page of them: all, in order, and their last timestamps", async () => {
        const { certificates } = await open();
        const many = Array.from({ length: 2500 }, (_, index) =>
          certificate(index % 2 === 0 ? "role" : "user", 10_000 - (index % 97), index % 5, null),
        );
        await certificates.apply(many.map((row) => ({ kind: "insert_certificate", row })));
        const all = await certificates.all();
        expect(all.map(({ timestamp }) => timestamp)).toEqual(many.map(({ timestamp }) => timestamp));
        const latest = await certificates.lastTimestamps(["role"]);
        expect(latest).toHaveLength(6);
        expect(new Set(latest.map(({ timestamp }) => timestamp))).toEqual(new Set([10_000]));
        const roles = await certificates.list({ type: "role" });
        expect(await certificates.list({ type: "role" }, { offset: 1100, limit: 50 })).toEqual(roles.slice(1100, 1150));
      });

      test("forgetting and inserting in one go", async () => {
        const { certificates } = await open();
        await certificates.apply(insertions);
        const again = { kind: "insert_certificate", row: certificate("user", 50, 1, null) } as const;
        await certificates.apply([{ kind: "forget_all_certificates" }, again]);
        expect(await certificates.all()).toEqual([again.row]);
        await certificates.apply([{ kind: "forget_all_certificates" }]);
        expect(await certificates.all()).toEqual([]);
      });

      test("microseconds and blobs larger than a page are exact", async () => {
        const { certificates } = await open();
        const row = { ...certificate("user", 1_795_255_819_767_464, 1, null), blob: new Uint8Array(9_000).fill(7) };
        await certificates.apply([{ kind: "insert_certificate", row }]);
        expect(await certificates.all()).toEqual([row]);
      });
    });

    describe("the user", () => {
      const row = { baseVersion: 0, remoteVersion: 0, needSync: true, blob: bytes(1, 2) };

      test("checkpoint and manifest, also after a new start", async () => {
        const device = await open();
        const user = await device.openUser(userRealmId);
        expect(await user.checkpoint()).toBe(0);
        expect(await user.manifest()).toBeUndefined();
        await user.apply([{ kind: "set_remote_version", remoteVersion: 5 }]);
        expect(await user.manifest()).toBeUndefined();
        await user.apply([{ kind: "put_manifest", row }]);
        await user.apply([
          { kind: "put_checkpoint", checkpoint: 4 },
          { kind: "set_remote_version", remoteVersion: 2 },
        ]);
        const again = await (await reopen(device)).openUser(userRealmId);
        expect(await again.checkpoint()).toBe(4);
        expect(await again.manifest()).toMatchObject({ ...row, remoteVersion: 2 });
      });
    });

    workspaceContract({ open, reopen, realmId });
  });
}
