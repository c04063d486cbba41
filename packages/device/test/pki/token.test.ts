import { constants, privateDecrypt, publicEncrypt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "@parsec/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  listTokenCertificates,
  loadDevice,
  memoryDeviceStore,
  openTokenKey,
  pemX509Key,
  saveDevice,
  smartcard,
  verifyWithCertificate,
  type X509Key,
  x509CertificateReference,
} from "../../src/index.ts";
import { decodeOaep } from "../../src/pki/oaep.ts";
import { encryptForCertificate } from "../../src/pki/rsa.ts";
import { newDevice } from "../support/devices.ts";
import { makeSoftToken, softTokenLibrary } from "../support/soft-token.ts";
import { makeLeaf, makePki, type TestPki } from "../support/test-pki.ts";

const library = softTokenLibrary;
const hasToken = existsSync(library);
const pin = "123456";

const folder = mkdtempSync(join(tmpdir(), "parsec-token-"));
let pki: TestPki;

beforeAll(async () => {
  pki = makePki(folder);
  if (hasToken) await makeToken();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** A token with Alice's certificate and key, the certificates of others alone, and some that are of no use. */
async function makeToken(): Promise<void> {
  makeLeaf(folder, { name: "bob", subject: "/CN=Bob" });
  makeLeaf(folder, { name: "nameless", subject: "/O=Nobody" });
  makeLeaf(folder, { name: "odd", subject: "/CN=Odd", extensions: ["subjectAltName=email:not an address"] });
  const certificates = { alice: "a1", bob: "b0", nameless: "c0", odd: "d0" };
  await makeSoftToken(folder, { label: "Alice card", pin, keys: { alice: "a1" }, certificates });
}

/** The same key, on the token or, where there is none, in a file. */
async function aliceKey(): Promise<X509Key> {
  if (!hasToken) return pemX509Key(pki.certificatePem, pki.privateKeyPem);
  return openTokenKey({ library, pin, reference: await x509CertificateReference(pki.certificate) });
}

describe(`a key ${hasToken ? "on a token (SoftHSM)" : "in a file, since there is no SoftHSM"}`, () => {
  test("protects a device and opens it, after a new start too", async () => {
    const store = memoryDeviceStore();
    const device = newDevice();
    const first = await aliceKey();
    const { path } = await saveDevice(store, device, smartcard(first));
    expect(await loadDevice(store, path, smartcard(first))).toMatchObject({ deviceId: device.deviceId });
    await first.close();
    await first.close();
    const again = await aliceKey();
    expect(await loadDevice(store, path, smartcard(again))).toMatchObject({ deviceId: device.deviceId });
    await again.close();
  });

  test("what the file protects the token opens, and the reverse", async () => {
    const [key, file] = [await aliceKey(), await pemX509Key(pki.certificatePem, pki.privateKeyPem)];
    for (const [one, other] of [
      [key, file],
      [file, key],
    ] as const) {
      const store = memoryDeviceStore();
      const { path } = await saveDevice(store, newDevice(), smartcard(one));
      expect(await loadDevice(store, path, smartcard(other))).toMatchObject({ type: "local_device" });
    }
    await key.close();
  });

  test("signs", async () => {
    const key = await aliceKey();
    const signature = await key.sign(utf8("payload"));
    expect(await verifyWithCertificate(pki.certificate, signature, utf8("payload"))).toBe(true);
    await key.close();
  });

  test("does not open what is for somebody else, or garbage", async () => {
    const key = await aliceKey();
    const bob = makeLeaf(folder, { name: "other bob", subject: "/CN=Bob" });
    const foreign = await encryptForCertificate(bob.certificate, utf8("secret"));
    await expect(key.decrypt(foreign)).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
    await expect(key.decrypt(new Uint8Array(256).fill(1))).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
    await expect(key.decrypt(new Uint8Array(10))).rejects.toMatchObject({ code: "PRIVATE_KEY_FAILED" });
    await key.close();
  });
});

describe("tokens", () => {
  test("their certificates are listed, with what helps to find them again", async () => {
    const references = hasToken
      ? (await listTokenCertificates({ library })).map(({ reference }) => reference.hash)
      : [(await aliceKey()).reference.hash];
    expect(references).toContain((await x509CertificateReference(pki.certificate)).hash);
    if (hasToken) {
      const [found] = await listTokenCertificates({ library });
      expect(found).toMatchObject({ tokenLabel: "Alice card", reference: { uri: { id: expect.any(Uint8Array) } } });
    }
  });

  test("each tells what it says, or why it is of no use", async () => {
    if (!hasToken) return;
    const listed = await listTokenCertificates({ library });
    expect(listed).toHaveLength(4);
    const [alice, bob, nameless, odd] = ["alice", "bob", "nameless", "odd"].map((name) => {
      const der = new Uint8Array(readFileSync(join(folder, `${name}.der`)));
      return listed.find(({ certificate }) => Buffer.compare(certificate, der) === 0);
    });
    expect(alice?.details).toMatchObject({
      commonName: "Alice McAlice",
      emails: ["alice@example.com", "alice@work.example.com"],
      subject: [{ type: "COMMON_NAME", value: "Alice McAlice" }],
      issuer: [{ type: "COMMON_NAME", value: "Test Root" }],
    });
    expect(Number(alice?.details?.notAfter) - Number(alice?.details?.notBefore)).toBe(10 * 86_400_000_000);
    expect(bob).toMatchObject({ details: { commonName: "Bob" }, tokenLabel: "Alice card", label: "certificate 1" });
    expect(nameless).toMatchObject({ unusable: "NO_COMMON_NAME", reference: { uri: { id: new Uint8Array([0xc0]) } } });
    expect(odd).toMatchObject({ unusable: "INVALID_EMAIL" });
    expect(odd?.details).toBeUndefined();
  });

  test("a library that is none", async () => {
    const nothing = join(folder, "alice.pem");
    await expect(listTokenCertificates({ library: nothing })).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE" });
  });

  test.each(
    hasToken
      ? [
          ["a wrong PIN", { pin: "654321" }, "BAD_SECRET"],
          ["a certificate that is not there", { certificate: "root" }, "CERTIFICATE_NOT_FOUND"],
          ["a certificate without its key", { certificate: "bob" }, "PRIVATE_KEY_NOT_FOUND"],
        ]
      : [],
  )("%s", async (_, { pin: given = pin, certificate = "alice" }: { pin?: string; certificate?: string }, code) => {
    const der = new Uint8Array(readFileSync(join(folder, `${certificate}.der`)));
    const reference = await x509CertificateReference(der);
    await expect(openTokenKey({ library, pin: given, reference })).rejects.toMatchObject({ code });
  });
});

describe("OAEP by hand", () => {
  /** What the raw RSA operation gives for a message that was padded by others. */
  const blockOf = (message: string, label: string) => {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const oaep = { key: pki.certificatePem, padding, oaepHash: "sha256", oaepLabel: Buffer.from(label) };
    const ciphertext = publicEncrypt(oaep, Buffer.from(message));
    return new Uint8Array(privateDecrypt({ key: pki.privateKeyPem, padding: constants.RSA_NO_PADDING }, ciphertext));
  };

  test.each(["", "x", "a longer message, of some words"])("opens a block that others padded: %j", async (message) => {
    expect(await decodeOaep(blockOf(message, ""))).toEqual(utf8(message));
  });

  test("refuses every block that is not one, or has a label", async () => {
    expect(await decodeOaep(blockOf("message", "label"))).toBeUndefined();
    const altered = blockOf("message", "");
    altered[0] = 1;
    expect(await decodeOaep(altered)).toBeUndefined();
    expect(await decodeOaep(new Uint8Array(65))).toBeUndefined();
    expect(await decodeOaep(new Uint8Array(256))).toBeUndefined();
    expect(await decodeOaep(new Uint8Array(256).fill(7))).toBeUndefined();
  });
});
