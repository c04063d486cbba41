import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "@parsec/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  humanHandleOf,
  loadDevice,
  memoryDeviceStore,
  pemX509Key,
  pkcs12X509Key,
  saveDevice,
  smartcard,
  softwareX509Key,
  x509CertificateDetails,
} from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";
import { makeLeaf, makePki, openssl, type TestPki } from "../support/test-pki.ts";

const folder = mkdtempSync(join(tmpdir(), "parsec-pki-"));
let pki: TestPki;
beforeAll(() => {
  pki = makePki(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function pkcs12(password: string, ...options: readonly string[]): Uint8Array {
  openssl(
    folder,
    "pkcs12",
    "-export",
    "-in",
    "alice.pem",
    "-inkey",
    "alice.key",
    "-certfile",
    "root.pem",
    "-out",
    "alice.p12",
    "-passout",
    `pass:${password}`,
    ...options,
  );
  return new Uint8Array(readFileSync(join(folder, "alice.p12")));
}

describe("a key in files", () => {
  test("PEM: protects a device and opens it", async () => {
    const key = await pemX509Key(pki.certificatePem, pki.privateKeyPem);
    const store = memoryDeviceStore();
    const device = newDevice();
    const { path } = await saveDevice(store, device, smartcard(key));
    expect(await loadDevice(store, path, smartcard(key))).toMatchObject({ deviceId: device.deviceId });
  });

  test("PKCS#12: the certificate that fits the key, among several", async () => {
    const key = await pkcs12X509Key(pkcs12("sécret"), "sécret");
    const pem = await pemX509Key(pki.certificatePem, pki.privateKeyPem);
    expect(key.reference).toEqual(pem.reference);
    expect(await key.sign(utf8("x"))).toHaveLength(256);
  });

  test("PKCS#12: a wrong password, a damaged file, one that is none, one without key", async () => {
    const file = pkcs12("secret");
    await expect(pkcs12X509Key(file, "wrong")).rejects.toMatchObject({ code: "BAD_SECRET" });
    await expect(pkcs12X509Key(file.slice(0, 500), "secret")).rejects.toMatchObject({ code: "INVALID_KEY_FILE" });
    await expect(pkcs12X509Key(utf8("hello"), "secret")).rejects.toMatchObject({ code: "INVALID_KEY_FILE" });
    const keyless = pkcs12("secret", "-nokeys");
    await expect(pkcs12X509Key(keyless, "secret")).rejects.toMatchObject({ code: "PRIVATE_KEY_NOT_FOUND" });
  });

  test("files that do not belong together, or hold something else", async () => {
    const other = makeLeaf(folder, { name: "bob", subject: "/CN=Bob" });
    await expect(pemX509Key(pki.certificatePem, other.privateKeyPem)).rejects.toMatchObject({
      code: "PRIVATE_KEY_NOT_FOUND",
    });
    await expect(pemX509Key(pki.privateKeyPem, pki.privateKeyPem)).rejects.toMatchObject({ code: "INVALID_KEY_FILE" });
    await expect(softwareX509Key(pki.certificate.slice(1), pki.privateKey)).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
      reason: "INVALID_DER",
    });
    await expect(softwareX509Key(pki.certificate, utf8("key"))).rejects.toMatchObject({ code: "INVALID_KEY_FILE" });
  });
});

describe("what a certificate tells", () => {
  test("names, usages, dates", async () => {
    const details = await x509CertificateDetails(pki.certificate);
    expect(details).toMatchObject({
      commonName: "Alice McAlice",
      emails: ["alice@example.com", "alice@work.example.com"],
      canEncrypt: true,
      canSign: true,
    });
    expect(details.notAfter - details.notBefore).toBe(10 * 24 * 3600 * 1e6);
    expect(humanHandleOf(details)).toEqual({ email: "alice@example.com", label: "Alice McAlice" });
  });

  test("the alternative names come before the subject's address; no key usage allows everything", async () => {
    const subject = "/CN=Carol/emailAddress=carol@old.example.com";
    const carol = makeLeaf(folder, { name: "carol", subject, extensions: ["subjectAltName=email:carol@example.com"] });
    expect(await x509CertificateDetails(carol.certificate)).toMatchObject({
      emails: ["carol@example.com", "carol@old.example.com"],
      canEncrypt: true,
      canSign: true,
    });
  });

  test("usages that exclude each other", async () => {
    const signer = makeLeaf(folder, { name: "signer", extensions: ["keyUsage=digitalSignature"] });
    expect(await x509CertificateDetails(signer.certificate)).toMatchObject({ canSign: true, canEncrypt: false });
    const reader = makeLeaf(folder, { name: "reader", extensions: ["keyUsage=dataEncipherment"] });
    expect(await x509CertificateDetails(reader.certificate)).toMatchObject({ canSign: false, canEncrypt: true });
  });

  test("no common name, an impossible address", async () => {
    const nameless = makeLeaf(folder, { name: "nameless", subject: "/O=Acme" });
    await expect(x509CertificateDetails(nameless.certificate)).rejects.toMatchObject({ reason: "NO_COMMON_NAME" });
    const bad = makeLeaf(folder, {
      name: "bad",
      subject: "/CN=Bad/emailAddress=nobody",
      extensions: ["keyUsage=digitalSignature"],
    });
    await expect(x509CertificateDetails(bad.certificate)).rejects.toMatchObject({ reason: "INVALID_EMAIL" });
  });
});
