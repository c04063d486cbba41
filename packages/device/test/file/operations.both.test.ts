import { SecretKey } from "@parsec/crypto";
import {
  DeviceLabel,
  dumpDeviceFile,
  encode,
  LocalDevice,
  loadDeviceFile,
  serverAddress,
  TotpOpaqueKeyId,
} from "@parsec/types";
import { describe, expect, test } from "vitest";
import {
  archiveDevice,
  changeProtection,
  createRecoveryFile,
  type DeviceErrorCode,
  listDevices,
  loadAvailableDevice,
  loadDevice,
  memoryDeviceStore,
  newDeviceOfUser,
  openRecoveryFile,
  overwriteServerAddress,
  type Protection,
  password,
  removeDeviceFile,
  saveDevice,
  withTotp,
} from "../../src/index.ts";
import { newClock, newDevice, start } from "../support/devices.ts";
import { protections, quickPassword } from "../support/vectors.ts";

const same = (a: LocalDevice, b: LocalDevice) => expect(encode(LocalDevice, a)).toEqual(encode(LocalDevice, b));
const newTotp = () => ({ opaqueKeyId: TotpOpaqueKeyId.generate(), key: SecretKey.generate() });

const kinds = Object.entries(protections).flatMap(([name, make]) => [
  { name, make },
  { name: `${name} with a second factor`, make: () => withTotp(make(), newTotp()) },
]);

/** Why the old protection opens no more what the new one protects; `undefined` for the same card without more. */
function refusal(current: Protection, target: Protection): DeviceErrorCode | undefined {
  if (current.type !== target.type) return "BAD_ACCESS_STRATEGY";
  switch (target.type) {
    case "keyring":
      return "KEYRING_ERROR";
    case "account_vault":
    case "openbao":
      return "REMOTE_OPAQUE_KEY_FETCH_FAILED";
    case "password":
      return current.totp === undefined ? "DECRYPTION_FAILED" : "TOTP_DECRYPTION_FAILED";
    case "pki":
      if (current.totp !== undefined) return "TOTP_DECRYPTION_FAILED";
      return target.totp === undefined ? undefined : "DECRYPTION_FAILED";
  }
}

describe.each(kinds)("$name", ({ make }) => {
  test("saves and loads; the list tells what is needed", async () => {
    const store = memoryDeviceStore();
    const clock = newClock();
    const device = newDevice();
    const protection = make();
    const saved = await saveDevice(store, device, protection, { clock });
    expect(saved.path).toBe(`devices/${device.deviceId}.keys`);
    expect(saved).toMatchObject({ createdOn: start, protectedOn: start, protection: { type: protection.type } });
    expect(saved.totpOpaqueKeyId).toBe(protection.totp?.opaqueKeyId ?? null);
    expect(await listDevices(store)).toEqual([saved]);
    expect(await loadAvailableDevice(store, saved.path)).toEqual(saved);
    same(await loadDevice(store, saved.path, protection), device);
  });

  test.each(kinds)("changes into $name, and only the new one opens", async (next) => {
    const store = memoryDeviceStore();
    const clock = newClock();
    const device = newDevice();
    const [current, target] = [make(), next.make()];
    const { path } = await saveDevice(store, device, current, { clock });
    clock.advance(1000);
    const changed = await changeProtection(store, path, current, target, { clock });
    expect(changed).toMatchObject({ path, createdOn: start, protectedOn: start + 1_000_000 });
    same(await loadDevice(store, path, target), device);
    expect(await listDevices(store)).toEqual([changed]);
    expect(changed.totpOpaqueKeyId).toBe(target.totp?.opaqueKeyId ?? null);
    const reopened = loadDevice(store, path, current);
    const code = refusal(current, target);
    if (code === undefined) same(await reopened, device);
    else await expect(reopened).rejects.toMatchObject({ code });
  });

  test("a ciphertext that was altered does not open", async () => {
    const store = memoryDeviceStore();
    const protection = make();
    const { path } = await saveDevice(store, newDevice(), protection);
    const file = loadDeviceFile(await store.read(path));
    const ciphertext = Uint8Array.from(file.ciphertext, (byte, index) => (index === 100 ? byte ^ 1 : byte));
    await store.write(path, dumpDeviceFile({ ...file, ciphertext }));
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({
      code: protection.totp === undefined ? "DECRYPTION_FAILED" : "TOTP_DECRYPTION_FAILED",
    });
  });
});

describe("a password", () => {
  const right = quickPassword("correct horse");

  test("a wrong one, one with a space more, and a missing second factor are all DECRYPTION_FAILED", async () => {
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), right);
    const wrong = { code: "DECRYPTION_FAILED" };
    await expect(loadDevice(store, path, quickPassword("correct house"))).rejects.toMatchObject(wrong);
    await expect(loadDevice(store, path, quickPassword("correct horse "))).rejects.toMatchObject(wrong);
    const totp = newTotp();
    await changeProtection(store, path, right, withTotp(right, totp));
    await expect(loadDevice(store, path, right)).rejects.toMatchObject(wrong);
    await expect(loadDevice(store, path, withTotp(right, newTotp()))).rejects.toMatchObject({
      code: "TOTP_DECRYPTION_FAILED",
    });
    await changeProtection(store, path, withTotp(right, totp), right);
    expect(await loadDevice(store, path, right)).toMatchObject({ type: "local_device" });
  });

  test("a change with a wrong password leaves the file as it was", async () => {
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), right);
    const before = await store.read(path);
    const change = changeProtection(store, path, quickPassword("wrong"), quickPassword("new"));
    await expect(change).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    expect(await store.read(path)).toEqual(before);
  });

  test("a truncated file of any length, and a missing one", async () => {
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), right);
    const whole = await store.read(path);
    for (let length = 0; length < whole.length; length += 37) {
      await store.write(path, whole.subarray(0, length));
      await expect(loadDevice(store, path, right)).rejects.toMatchObject({ code: "INVALID_DATA" });
    }
    await store.write(path, new Uint8Array(2 * 1024 * 1024));
    await expect(loadDevice(store, path, right)).rejects.toMatchObject({ code: "INVALID_DATA" });
    await store.remove(path);
    await expect(loadDevice(store, path, right)).rejects.toMatchObject({ code: "INVALID_PATH" });
  });

  test("an abort rejects with its reason and writes nothing", async () => {
    const store = memoryDeviceStore();
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(saveDevice(store, newDevice(), right, { signal })).rejects.toThrow("never mind");
    expect(await listDevices(store)).toEqual([]);
  });

  test("after an abort nothing is begun: no keyring, card or service is asked", async () => {
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), right);
    let asked = 0;
    const counting: Protection = {
      ...right,
      createKey: (options) => ((asked += 1), right.createKey(options)),
      openKey: (file, options) => ((asked += 1), right.openKey(file, options)),
    };
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(saveDevice(store, newDevice(), counting, { signal })).rejects.toThrow("never mind");
    await expect(loadDevice(store, path, counting, { signal })).rejects.toThrow("never mind");
    expect(asked).toBe(0);
  });

  test("costs what the reference's does, and shows nowhere", async () => {
    const store = memoryDeviceStore();
    const costly = password("correct horse");
    const { path } = await saveDevice(store, newDevice(), costly);
    const file = loadDeviceFile(await store.read(path));
    expect(file).toMatchObject({ algorithm: { type: "ARGON2ID", memlimitKb: 131_072, opslimit: 3, parallelism: 1 } });
    await loadDevice(store, path, costly);
    expect(JSON.stringify(costly)).not.toContain("correct");
  });
});

describe("what can be done to a device", () => {
  test("another address of its server: the old one is given, the rest stays", async () => {
    const store = memoryDeviceStore();
    const device = newDevice();
    const protection = quickPassword("p");
    const { path } = await saveDevice(store, device, protection);
    const address = serverAddress("new.example.com", { port: 8443 });
    expect(await overwriteServerAddress(store, path, protection, address)).toEqual(device.serverUrl);
    same(await loadDevice(store, path, protection), { ...device, serverUrl: address });
    expect(await loadAvailableDevice(store, path)).toMatchObject({ serverAddress: address });
  });

  test("archived, it is listed no more; removed, it is gone", async () => {
    const store = memoryDeviceStore();
    const [one, two] = [
      await saveDevice(store, newDevice(), quickPassword("p")),
      await saveDevice(store, newDevice(), quickPassword("p")),
    ];
    expect(await archiveDevice(store, one.path)).toBe(`${one.path}.archived`);
    expect(await listDevices(store)).toEqual([two]);
    await removeDeviceFile(store, two.path);
    expect(await listDevices(store)).toEqual([]);
    await expect(removeDeviceFile(store, two.path)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(archiveDevice(store, two.path)).rejects.toMatchObject({ code: "INVALID_PATH" });
  });
});

describe("recovery", () => {
  test("file and passphrase give the device back; each alone does not", () => {
    const device = newDeviceOfUser(newDevice(), DeviceLabel.parse("recovery"));
    const clock = newClock();
    const { bytes, passphrase } = createRecoveryFile(device, { clock });
    expect(passphrase).toMatch(/^([A-Z2-7]{4}-){12}[A-Z2-7]{4}$/);
    same(openRecoveryFile(bytes, passphrase.toLowerCase()), device);
    const other = createRecoveryFile(device).passphrase;
    expect(() => openRecoveryFile(bytes, other)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
    const cut = bytes.slice(0, 100);
    expect(() => openRecoveryFile(cut, passphrase)).toThrow(expect.objectContaining({ code: "INVALID_DATA" }));
  });

  test("a new device of the same user has its own id and keys", () => {
    const device = newDevice();
    const other = newDeviceOfUser(device, DeviceLabel.parse("phone"));
    expect(other).toMatchObject({ userId: device.userId, userRealmId: device.userRealmId, deviceLabel: "phone" });
    expect(other.deviceId).not.toBe(device.deviceId);
    expect(other.signingKey.toBytes()).not.toEqual(device.signingKey.toBytes());
    expect(other.localSymkey.toBytes()).not.toEqual(device.localSymkey.toBytes());
    expect(other.privateKey.toBytes()).toEqual(device.privateKey.toBytes());
  });
});
