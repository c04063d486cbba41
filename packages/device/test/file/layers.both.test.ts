import { SecretKey } from "@parsec/crypto";
import {
  type DeviceFilePassword,
  DeviceLabel,
  dumpDeviceFile,
  encode,
  LocalDevice,
  loadDeviceFile,
  TotpOpaqueKeyId,
} from "@parsec/types";
import { describe, expect, test } from "vitest";
import { loadDevice, memoryDeviceStore, type Protection, saveDevice, withTotp } from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";
import { quickPassword } from "../support/vectors.ts";

// The table of spec 06 §7, row by row, and what a header that was altered does.

const totp = { opaqueKeyId: TotpOpaqueKeyId.generate(), key: SecretKey.generate() };
const otherTotp = { ...totp, key: SecretKey.generate() };
const right = quickPassword("right");
const wrong = quickPassword("wrong");

interface Row {
  readonly what: string;
  readonly saved: Protection;
  readonly opened: Protection;
  readonly code: string;
}
const rows: readonly Row[] = [
  { what: "second factor, none given", saved: withTotp(right, totp), opened: right, code: "DECRYPTION_FAILED" },
  { what: "no second factor, one given", saved: right, opened: withTotp(right, totp), code: "TOTP_DECRYPTION_FAILED" },
  {
    what: "wrong second factor",
    saved: withTotp(right, totp),
    opened: withTotp(right, otherTotp),
    code: "TOTP_DECRYPTION_FAILED",
  },
  {
    what: "right second factor, wrong password",
    saved: withTotp(right, totp),
    opened: withTotp(wrong, totp),
    code: "DECRYPTION_FAILED",
  },
  { what: "wrong password", saved: right, opened: wrong, code: "DECRYPTION_FAILED" },
];

async function saved(protection: Protection) {
  const store = memoryDeviceStore();
  const device = newDevice();
  const { path } = await saveDevice(store, device, protection);
  return { store, device, path };
}

/** The file of a password, changed and put back. */
async function withFile(change: (file: DeviceFilePassword) => Promise<DeviceFilePassword>) {
  const { store, device, path } = await saved(right);
  const file = loadDeviceFile(await store.read(path));
  if (file.type !== "password") throw new Error("not the file of a password");
  await store.write(path, dumpDeviceFile(await change(file)));
  return { device, load: () => loadDevice(store, path, right) };
}

describe("the layers of a device file", () => {
  test.each(rows)("$what: $code", async ({ saved: protection, opened, code }) => {
    const { store, path } = await saved(protection);
    await expect(loadDevice(store, path, opened)).rejects.toMatchObject({ code });
  });

  test("decrypted, but not a device: INVALID_DATA", async () => {
    const { load } = await withFile(async (file) => {
      const key = await right.openKey(file, {});
      return { ...file, ciphertext: key.encrypt(Uint8Array.of(0xc0)) };
    });
    await expect(load()).rejects.toMatchObject({ code: "INVALID_DATA" });
  });

  test("an altered salt gives another key: DECRYPTION_FAILED", async () => {
    const { load } = await withFile(async (file) => {
      const salt = Uint8Array.from(file.algorithm.salt, (byte) => byte ^ 1);
      return { ...file, algorithm: { ...file.algorithm, salt } };
    });
    await expect(load()).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  });

  test("the rest of the header is not authenticated: the device inside counts", async () => {
    const { device, load } = await withFile(async (file) => ({ ...file, deviceLabel: DeviceLabel.parse("altered") }));
    expect(encode(LocalDevice, await load())).toEqual(encode(LocalDevice, device));
  });
});
