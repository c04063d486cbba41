import { toHex } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { type DeviceFile, dumpDeviceFile, encode, formatHttpUrl, LocalDevice, loadDeviceFile } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { parseDeviceFile } from "../../src/file/available-device.ts";
import { archivedPath } from "../../src/file/names.ts";
import { openDevice, openWithKey } from "../../src/file/seal.ts";
import {
  archiveDevice,
  checkProtection,
  listDevices,
  loadDevice,
  memoryDeviceStore,
  openRecoveryFile,
  type Protection,
  parseAdvisedProtections,
  password,
  withTotp,
} from "../../src/index.ts";
import { sortPaths } from "../../src/store/path.ts";
import {
  accountVaultWith,
  base64Bytes,
  hexBytes,
  keyringWith,
  openBaoWith,
  secretKey,
  totpKey,
  vectors,
} from "../support/vectors.ts";

/** The names of spec 06 §9.7 as our codes. */
const codes: Readonly<Record<string, string>> = {
  InvalidData: "INVALID_DATA",
  DecryptionFailed: "DECRYPTION_FAILED",
  TOTPDecryptionFailed: "TOTP_DECRYPTION_FAILED",
  CiphertextKeyGenerationFailed: "CIPHERTEXT_KEY_GENERATION_FAILED",
};

function localDeviceHex(id: string): string {
  const vector = vectors.reference_local_devices.find((device) => device.id === id);
  if (vector === undefined) throw new Error(`no local device ${id}`);
  return vector.plaintext_msgpack_hex;
}

const headerKeys = [
  "type",
  "created_on",
  "protected_on",
  "server_url",
  "organization_id",
  "user_id",
  "device_id",
  "human_handle",
  "device_label",
];

/** The header of a decoded vector: a map, or an array in the same order. */
function decodedHeader(decoded: object): readonly string[] {
  const values = Array.isArray(decoded) ? decoded : headerKeys.map((key) => Reflect.get(decoded, key));
  return values.slice(0, headerKeys.length).map(inWords);
}

/** Addresses in old files have no final slash. */
function inWords(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value).replace(/\/$/, "");
  if ("$uuid" in value) return String(value.$uuid);
  return "$datetime_us" in value ? String(value.$datetime_us) : String(value);
}

function headerInWords(file: DeviceFile): readonly string[] {
  const { email, label } = file.humanHandle;
  const times = [file.createdOn, file.protectedOn];
  const ids = [file.organizationId, file.userId, file.deviceId];
  const server = formatHttpUrl(file.serverUrl);
  return [file.type, ...times, server, ...ids, `${email},${label}`, file.deviceLabel].map(inWords);
}

function deviceHex(device: LocalDevice): string {
  return toHex(encode(LocalDevice, device));
}

describe("device files of the reference", () => {
  test.each(vectors.reference_device_files)("$id: header read, current form written byte by byte", (vector) => {
    const file = loadDeviceFile(hexBytes(vector.raw_hex));
    expect(headerInWords(file)).toEqual(decodedHeader(vector.decoded));
    if (vector.canonical_current_encoding === true) expect(toHex(dumpDeviceFile(file))).toBe(vector.raw_hex);
  });

  test.each(vectors.reference_local_devices)(
    "local device $id",
    ({ encrypted_hex, key_hex, plaintext_msgpack_hex }) => {
      expect(deviceHex(openWithKey(hexBytes(encrypted_hex), secretKey(key_hex)))).toBe(plaintext_msgpack_hex);
    },
  );

  test.each(vectors.negative_parse)("refused: $id", ({ raw_hex, expected }) => {
    expect(() => parseDeviceFile(hexBytes(raw_hex))).toThrow(expect.objectContaining({ code: codes[expected] }));
  });
});

const derived = vectors.derived_device_files.filter(({ primary }) => primary.kind !== "pki");

type Derived = (typeof derived)[number];

async function protectionOf({ primary, primary_key_hex: key, raw_hex }: Derived): Promise<Protection> {
  const file = loadDeviceFile(hexBytes(raw_hex));
  switch (file.type) {
    case "password":
      return password(primary.password ?? "");
    case "keyring":
      return keyringWith(file.keyringUser, secretKey(key).toRecoveryPassphrase());
    case "account_vault":
      return accountVaultWith(file.ciphertextKeyId, secretKey(key));
    case "openbao":
      return openBaoWith(file.openbaoCiphertextKeyPath, secretKey(key));
    default:
      throw new Error(`no protection of ${file.type}`);
  }
}

describe("files made independently", () => {
  const others = derived.filter(({ primary }) => primary.kind !== "recovery");

  test.each(others)("$id opens, and gives the errors of the reference", async (vector) => {
    const file = loadDeviceFile(hexBytes(vector.raw_hex));
    const primary = await protectionOf(vector);
    const totp = vector.totp === null ? undefined : totpKey(vector.totp);
    const open = (protection: Protection) => openDevice(file, protection, {});
    const right = totp === undefined ? primary : withTotp(primary, totp);
    expect(deviceHex(await open(right))).toBe(localDeviceHex(vector.expected_local_device));

    const expectError = async (protection: Protection, expected: string | undefined) => {
      if (expected === undefined) return;
      await expect(open(protection)).rejects.toMatchObject({ code: codes[expected] });
    };
    const stranger = totpKey({ opaque_key_id: file.deviceId, opaque_key_hex: "77".repeat(32) });
    await expectError(primary, vector.expected_without_totp_key);
    await expectError(withTotp(primary, stranger), vector.expected_with_wrong_totp_key);
    await expectError(withTotp(primary, stranger), vector.expected_with_unneeded_totp_key);
    if (vector.wrong_password !== undefined) {
      const wrong = password(vector.wrong_password);
      await expectError(totp === undefined ? wrong : withTotp(wrong, totp), vector.expected_with_wrong_password);
    }
  });

  test.each(derived.filter(({ primary }) => primary.kind === "recovery"))("$id opens with its passphrase", (vector) => {
    const device = openRecoveryFile(hexBytes(vector.raw_hex), vector.primary.passphrase ?? "");
    expect(deviceHex(device)).toBe(localDeviceHex(vector.expected_local_device));
  });
});

describe("files of the reference's command line", () => {
  test.each(vectors.reference_cli_device_files)("$id", async (vector) => {
    const store = memoryDeviceStore();
    const path = `devices/${vector.file_name}`;
    await store.write(path, base64Bytes(vector.raw_base64));
    const open = async () => {
      if (vector.passphrase !== undefined) return openRecoveryFile(await store.read(path), vector.passphrase);
      if (vector.keyring === undefined) return loadDevice(store, path, password(vector.password ?? ""));
      return loadDevice(store, path, await keyringWith(vector.keyring.keyring_user_txt, vector.keyring.secret));
    };
    const device = await open();
    const { user_id: userId, device_id: deviceId, device_label: deviceLabel } = vector.local_device;
    expect(device).toMatchObject({ userId: userId.$uuid, deviceId: deviceId.$uuid, deviceLabel });
    expect(toHex(device.localSymkey.toBytes())).toBe(vector.local_device.local_symkey.$bytes);
    // Our writer gives the same file again, but for the fresh ciphertext.
    const file = loadDeviceFile(await store.read(path));
    expect(dumpDeviceFile(file)).toEqual(await store.read(path));
  });
});

describe("what the reference's reader accepts and refuses", () => {
  const { cases } = vectors.reader_cases;

  test("the list", async () => {
    const store = memoryDeviceStore();
    for (const { path, raw_base64 } of cases) await store.write(path, base64Bytes(raw_base64));
    const listed = cases.filter((each) => each.listed);
    const devices = await listDevices(store);
    expect(devices.map(({ path }) => path)).toEqual(sortPaths(listed.map(({ path }) => path)));
    for (const { path, type, header_device_id: deviceId } of listed) {
      expect(devices.find((device) => device.path === path)).toMatchObject({ deviceId, protection: { type } });
    }
  });

  test.each(cases.filter((each) => each.opens !== undefined))("$case", async (each) => {
    const store = memoryDeviceStore();
    await store.write(each.path, base64Bytes(each.raw_base64));
    const protection =
      each.keyring_user === undefined
        ? password(each.password ?? "")
        : await keyringWith(each.keyring_user, each.keyring_secret ?? "");
    const loading = loadDevice(store, each.path, protection);
    if (each.opens === true) expect(await loading).toMatchObject({ type: "local_device" });
    else await expect(loading).rejects.toMatchObject({ code: codes[each.error ?? ""] });
  });

  test.each(cases.filter((each) => each.passphrase !== undefined))("$case: no device to log in with", async (each) => {
    const store = memoryDeviceStore();
    await store.write(each.path, base64Bytes(each.raw_base64));
    await expect(loadDevice(store, each.path, password("x"))).rejects.toMatchObject({
      code: "BAD_ACCESS_STRATEGY",
      what: "type",
    });
    expect(openRecoveryFile(await store.read(each.path), each.passphrase ?? "")).toMatchObject({
      type: "local_device",
    });
  });

  test("a second factor that fits", async () => {
    const each = cases.find((it) => it.totp_key !== undefined);
    if (each === undefined) throw new Error("no such case");
    const file = loadDeviceFile(base64Bytes(each.raw_base64));
    const totp = totpKey({ opaque_key_id: file.deviceId, opaque_key_hex: each.totp_key ?? "" });
    expect(await openDevice(file, withTotp(password(each.password ?? ""), totp), {})).toMatchObject({
      type: "local_device",
    });
  });
});

describe("the list", () => {
  test("walks folders, sorts component by component, ignores what it cannot read", async () => {
    const store = memoryDeviceStore();
    const {
      files,
      expected_order: order,
      also_present_and_ignored: ignored,
      component_sort_cases: sorts,
    } = vectors.listing;
    for (const { vector, path } of files) {
      const found = vectors.reference_device_files.find(({ id }) => id === vector);
      await store.write(path, hexBytes(found?.raw_hex ?? ""));
    }
    for (const line of ignored) {
      const [path = "", content] = line.split(" (");
      await store.write(path, new TextEncoder().encode(content?.includes("dummy") === true ? "dummy" : ""));
    }
    const devices = await listDevices(store);
    expect(devices.map(({ path }) => files.find((file) => file.path === path)?.vector)).toEqual(order);
    for (const { input, sorted } of sorts) expect(sortPaths(input)).toEqual(sorted);
  });

  test.each(vectors.archive_names)("$path is archived as $archived", async ({ path, archived }) => {
    expect(archivedPath(path)).toBe(archived);
    const store = memoryDeviceStore();
    await store.write(`devices/${path}`, hexBytes(vectors.derived_device_files[0]?.raw_hex ?? ""));
    expect(await archiveDevice(store, `devices/${path}`)).toBe(`devices/${archived}`);
    expect(await listDevices(store)).toEqual([]);
  });
});

describe("recovery passphrases", () => {
  const { valid, tolerant_inputs: tolerant, invalid } = vectors.passphrases;
  const anyFile = hexBytes(vectors.derived_device_files[0]?.raw_hex ?? "");

  test.each(valid)("$passphrase", ({ passphrase, key_hex }) => {
    expect(toHex(SecretKey.fromRecoveryPassphrase(passphrase).toBytes())).toBe(key_hex);
    expect(secretKey(key_hex).toRecoveryPassphrase()).toBe(passphrase);
  });

  test.each(tolerant)("typed otherwise: $note", ({ passphrase, key_hex }) => {
    expect(toHex(SecretKey.fromRecoveryPassphrase(passphrase).toBytes())).toBe(key_hex);
  });

  test.each(invalid)("refused, before the file is looked at: $passphrase", ({ passphrase }) => {
    const refused = expect.objectContaining({ code: "INVALID_PASSPHRASE" });
    expect(() => openRecoveryFile(new Uint8Array(), passphrase)).toThrow(refused);
  });

  test("a device file of another kind is no recovery file", () => {
    const passphrase = valid[0]?.passphrase ?? "";
    expect(() => openRecoveryFile(anyFile, passphrase)).toThrow(expect.objectContaining({ code: "INVALID_DATA" }));
  });
});

describe("what the server recommends", () => {
  const { valid, invalid_ignored: invalid } = vectors.advisory_device_file_protection;

  test("known entries are read, others dropped", () => {
    expect(parseAdvisedProtections(valid)).toHaveLength(valid.length);
    expect(parseAdvisedProtections(invalid)).toEqual([]);
    expect(parseAdvisedProtections(["PKI+TOTP", "password", "KEYRING"])).toEqual([
      { type: "pki", totp: true },
      { type: "keyring", totp: false },
    ]);
  });

  test("what to suggest", () => {
    const advised = parseAdvisedProtections(["PASSWORD+TOTP", "KEYRING"]);
    expect(checkProtection([], { type: "password", totp: false })).toBe("conforms");
    expect(checkProtection(advised, { type: "password", totp: true })).toBe("conforms");
    expect(checkProtection(advised, { type: "password", totp: false })).toBe("add_totp");
    expect(checkProtection(advised, { type: "keyring", totp: false })).toBe("conforms");
    expect(checkProtection(advised, { type: "pki", totp: true })).toBe("change_protection");
  });
});
