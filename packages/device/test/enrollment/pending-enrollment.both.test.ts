import { toHex } from "@parsec/base";
import { PrivateKey, SigningKey } from "@parsec/crypto";
import {
  AsyncEnrollmentId,
  DateTime,
  DeviceLabel,
  dumpAsyncEnrollmentLocalPending,
  HumanHandle,
  loadAsyncEnrollmentLocalPending,
  OrganizationId,
  serverAddress,
} from "@parsec/types";
import { describe, expect, test } from "vitest";
import {
  listPendingEnrollments,
  memoryDeviceStore,
  openPendingEnrollment,
  type Protection,
  password,
  removePendingEnrollment,
  savePendingEnrollment,
  smartcard,
  softwareX509Key,
} from "../../src/index.ts";
import { base64Bytes, hexBytes, openBaoWith, secretKey, vectors } from "../support/vectors.ts";

const { test_certificate: vector } = vectors.pki;
const card = async () =>
  smartcard(await softwareX509Key(base64Bytes(vector.der_base64), base64Bytes(vector.pkcs8_private_key_der_base64)));

function request() {
  return {
    serverUrl: serverAddress("parsec.example.com"),
    organizationId: OrganizationId.parse("Acme"),
    submittedOn: DateTime.fromMicros(1_700_000_000_000_000),
    enrollmentId: AsyncEnrollmentId.generate(),
    requestedDeviceLabel: DeviceLabel.parse("laptop"),
    requestedHumanHandle: HumanHandle.parse("alice@example.com", "Alice"),
  };
}

const newKeys = () => ({ signingKey: SigningKey.generate(), privateKey: PrivateKey.generate() });
const identities: Readonly<Record<string, () => Promise<Protection>>> = {
  "a smart card": card,
  OpenBao: async () => openBaoWith("none", secretKey("11".repeat(32))),
};

describe.each(Object.entries(identities))("under %s", (_, make) => {
  test("is listed, opens with the identity, is removed", async () => {
    const store = memoryDeviceStore();
    const identity = await make();
    const [asked, keys] = [request(), newKeys()];
    const saved = await savePendingEnrollment(store, asked, keys, identity);
    expect(saved).toMatchObject({ ...asked, path: `async_enrollments/${asked.enrollmentId}.pending` });
    expect(await listPendingEnrollments(store)).toEqual([saved]);
    const opened = await openPendingEnrollment(store, saved.path, identity);
    expect(opened.signingKey.toBytes()).toEqual(keys.signingKey.toBytes());
    expect(opened.privateKey.toBytes()).toEqual(keys.privateKey.toBytes());
    await removePendingEnrollment(store, saved.path);
    expect(await listPendingEnrollments(store)).toEqual([]);
  });
});

test("the file of the vectors", async () => {
  const { raw_hex, file_name: path, ciphertext_key_hex, expected } = vectors.async_enrollment.derived_full_file;
  const store = memoryDeviceStore();
  await store.write(path, hexBytes(raw_hex));
  const [pending] = await listPendingEnrollments(store);
  expect(pending?.path).toBe(path);
  const identity = {
    ...(await card()),
    openKey: async () => secretKey(ciphertext_key_hex),
  };
  const { signingKey, privateKey } = await openPendingEnrollment(store, path, identity);
  expect(toHex(signingKey.toBytes())).toBe(expected.signing_key_hex);
  expect(toHex(privateKey.toBytes())).toBe(expected.private_key_hex);
  const wrong = { ...identity, openKey: async () => secretKey("22".repeat(32)) };
  await expect(openPendingEnrollment(store, path, wrong)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
});

test("a password is no identity; garbage is passed over in the list and refused by itself", async () => {
  const store = memoryDeviceStore();
  const saving = savePendingEnrollment(store, request(), newKeys(), password("p"));
  await expect(saving).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
  await store.write("async_enrollments/x.pending", new Uint8Array(10));
  expect(await listPendingEnrollments(store)).toEqual([]);
  const opening = openPendingEnrollment(store, "async_enrollments/x.pending", await card());
  await expect(opening).rejects.toMatchObject({ code: "INVALID_DATA" });
});

test("another enrollment's text in clear does not fit the keys", async () => {
  const store = memoryDeviceStore();
  const identity = await card();
  const one = await savePendingEnrollment(store, request(), newKeys(), identity);
  const other = await savePendingEnrollment(store, request(), newKeys(), identity);
  const [file, foreign] = [await store.read(one.path), await store.read(other.path)].map(
    loadAsyncEnrollmentLocalPending,
  );
  if (file === undefined || foreign === undefined) throw new Error("no files");
  // The key comes from the text in clear, so both are of one identity; the digest tells them apart.
  const { cleartextContent } = file;
  const mixed = dumpAsyncEnrollmentLocalPending({ ...foreign, cleartextContent });
  await store.write(one.path, mixed);
  await expect(openPendingEnrollment(store, one.path, identity)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });

  const { key, fields } = await identity.createKey({});
  const sameKey = { ...identity, createKey: async () => ({ key, fields }), openKey: async () => key };
  const first = await savePendingEnrollment(store, request(), newKeys(), sameKey);
  const second = await savePendingEnrollment(store, request(), newKeys(), sameKey);
  const [a, b] = [await store.read(first.path), await store.read(second.path)].map(loadAsyncEnrollmentLocalPending);
  if (a === undefined || b === undefined) throw new Error("no files");
  await store.write(first.path, dumpAsyncEnrollmentLocalPending({ ...b, cleartextContent: a.cleartextContent }));
  await expect(openPendingEnrollment(store, first.path, sameKey)).rejects.toMatchObject({ code: "INVALID_DATA" });
});
