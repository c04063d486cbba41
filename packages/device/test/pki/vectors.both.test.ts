import { toHex, utf8 } from "@parsec/base";
import { encode, LocalDevice, loadDeviceFile, X509CertificateHash, x509CertificateDigest } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { openDevice } from "../../src/file/seal.ts";
import {
  changeProtection,
  humanHandleOf,
  loadDevice,
  memoryDeviceStore,
  saveDevice,
  smartcard,
  softwareX509Key,
  verifyWithCertificate,
  withTotp,
  x509CertificateDetails,
} from "../../src/index.ts";
import { encryptForCertificate } from "../../src/pki/rsa.ts";
import { newDevice } from "../support/devices.ts";
import { base64Bytes, hexBytes, quickPassword, totpKey, vectors } from "../support/vectors.ts";

const {
  test_certificate: vector,
  decrypt,
  verify,
  hash_strings: hashes,
  max_oaep_payload_for_2048: maxPayload,
} = vectors.pki;
const certificate = base64Bytes(vector.der_base64);
const aliceKey = () => softwareX509Key(certificate, base64Bytes(vector.pkcs8_private_key_der_base64));

describe("the certificate of the vectors", () => {
  test("is referred to by its hash", async () => {
    expect((await aliceKey()).reference).toEqual({ hash: vector.hash_reference });
  });

  test.each(hashes)("hash $hash", ({ hash, hex }) => {
    expect(toHex(x509CertificateDigest(X509CertificateHash.parse(hash)))).toBe(hex);
  });

  test("decrypts", async () => {
    const key = await aliceKey();
    expect(await key.decrypt(hexBytes(decrypt.ciphertext_hex))).toEqual(utf8(decrypt.expected_plaintext_utf8));
    await expect(key.decrypt(new Uint8Array(256))).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
    const sealed = await encryptForCertificate(certificate, new Uint8Array(maxPayload).fill(1));
    expect(await key.decrypt(sealed)).toHaveLength(maxPayload);
  });

  test("verifies, and signs what it verifies", async () => {
    const message = utf8(verify.message_utf8);
    expect(await verifyWithCertificate(certificate, hexBytes(verify.signature_hex), message)).toBe(true);
    expect(await verifyWithCertificate(certificate, hexBytes(verify.signature_hex), utf8("no"))).toBe(false);
    const signature = await (await aliceKey()).sign(message);
    expect(await verifyWithCertificate(certificate, signature, message)).toBe(true);
  });

  test("tells whose it is", async () => {
    const details = await x509CertificateDetails(certificate);
    expect(details.notBefore).toBeLessThan(details.notAfter);
    expect(details.canSign || details.canEncrypt).toBe(true);
    expect(details.commonName).not.toBe("");
    const [email] = details.emails;
    expect(humanHandleOf(details)).toEqual(email === undefined ? undefined : { email, label: details.commonName });
  });
});

describe("device files", () => {
  const files = vectors.derived_device_files.filter(({ primary }) => primary.kind === "pki");

  test.each(files)("$id opens", async ({ raw_hex, totp, expected_local_device: id }) => {
    const protection = smartcard(await aliceKey());
    const file = loadDeviceFile(hexBytes(raw_hex));
    const device = await openDevice(file, totp === null ? protection : withTotp(protection, totpKey(totp)), {});
    const expected = vectors.reference_local_devices.find((each) => each.id === id);
    expect(toHex(encode(LocalDevice, device))).toBe(expected?.plaintext_msgpack_hex);
    if (totp !== null)
      await expect(openDevice(file, protection, {})).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  });

  test("another certificate is told from a wrong key", async () => {
    const store = memoryDeviceStore();
    const key = await aliceKey();
    const { path } = await saveDevice(store, newDevice(), smartcard(key));
    const other = { ...key, reference: { hash: X509CertificateHash.parse(`sha256-${"A".repeat(43)}=`) } };
    await expect(loadDevice(store, path, smartcard(other))).rejects.toMatchObject({
      code: "BAD_ACCESS_STRATEGY",
      what: "certificate reference",
    });
    const broken = { ...key, decrypt: async () => new Uint8Array(31) };
    await expect(loadDevice(store, path, smartcard(broken))).rejects.toMatchObject({
      code: "CIPHERTEXT_KEY_GENERATION_FAILED",
    });
  });

  test("a key that does not open what it protects is found out before anything is written", async () => {
    const store = memoryDeviceStore();
    const key = await aliceKey();
    const broken = { ...key, decrypt: async () => new Uint8Array(32) };
    await expect(saveDevice(store, newDevice(), smartcard(broken))).rejects.toMatchObject({
      code: "CIPHERTEXT_KEY_GENERATION_FAILED",
    });
    expect(await store.list("devices", "keys")).toEqual([]);
  });

  test("changes from and to other protections", async () => {
    const store = memoryDeviceStore();
    const device = newDevice();
    const card = smartcard(await aliceKey());
    const { path } = await saveDevice(store, device, quickPassword("p"));
    const changed = await changeProtection(store, path, quickPassword("p"), card);
    expect(changed.protection).toEqual({ type: "pki", certificateRef: { hash: vector.hash_reference } });
    await changeProtection(store, path, card, quickPassword("q"));
    expect(await loadDevice(store, path, quickPassword("q"))).toMatchObject({ deviceId: device.deviceId });
  });
});
