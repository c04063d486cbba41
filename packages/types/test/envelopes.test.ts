import { PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import { allVectors, loadVector } from "./support/data-vectors.ts";
import { error } from "./support/errors.ts";
import { author, fileManifest, folderManifest, instant, parentId } from "./support/filesystem-vectors.ts";

beforeAll(() => ready());

/** A document of the vectors, already loaded. */
function example<T extends { readonly type: string }>(codec: t.TaggedCodec<string, T["type"], T>): T {
  const vector = allVectors.find(({ type, expected }) => type === codec.value && expected !== undefined);
  if (vector === undefined) throw new Error(`no vector of ${codec.value}`);
  return t.decode(codec, t.encode(codec, loadVector(vector) as T));
}

/** Opens what was sealed with the right key, and refuses with another. */
function roundTrip<T>(seal: (key: SecretKey) => Uint8Array, open: (sealed: Uint8Array, key: SecretKey) => T): T {
  const key = SecretKey.generate();
  const sealed = seal(key);
  expect(() => open(sealed, SecretKey.generate())).toThrow(error("DECRYPTION"));
  expect(() => open(sealed.subarray(0, 20), key)).toThrow(error("DECRYPTION"));
  return open(sealed, key);
}

describe("envelopes", () => {
  it("seal invitation payloads", () => {
    const data = example(t.InviteUserData);
    const payload = roundTrip(
      (key) => t.sealInvitePayload(key, data),
      (sealed, key) => t.openInvitePayload(t.InviteUserData, sealed, key),
    );
    expect(t.encode(t.InviteUserData, payload)).toEqual(t.encode(t.InviteUserData, data));
    const key = SecretKey.generate();
    const other = t.sealInvitePayload(key, example(t.InviteDeviceData));
    expect(() => t.openInvitePayload(t.InviteUserData, other, key)).toThrow(error("BAD_SERIALIZATION"));
  });

  it("seal the account vault's keys and items", () => {
    const vaultKey = SecretKey.generate();
    const opened = roundTrip(
      (key) => t.sealAccountVaultKeyAccess(key, vaultKey),
      (sealed, key) => t.openAccountVaultKeyAccess(sealed, key),
    );
    expect(opened.equals(vaultKey)).toBe(true);
    const data = example(t.AccountVaultItemOpaqueKeyEncryptedData);
    const opaque = roundTrip(
      (key) => t.sealAccountVaultOpaqueKey(key, data),
      (sealed, key) => t.openAccountVaultOpaqueKey(sealed, key),
    );
    expect(opaque.keyId).toBe(data.keyId);
    expect(opaque.key.equals(data.key)).toBe(true);
    for (const item of [example(t.AccountVaultItemOpaqueKey), example(t.AccountVaultItemRegistrationDevice)]) {
      expect(t.loadAccountVaultItem(t.dumpAccountVaultItem(item))).toEqual(item);
    }
  });

  it("seal local devices, without container", () => {
    const device = example(t.LocalDevice);
    const opened = roundTrip(
      (key) => t.sealLocalDevice(key, device),
      (sealed, key) => t.openLocalDevice(sealed, key),
    );
    expect(t.encode(t.LocalDevice, opened)).toEqual(t.encode(t.LocalDevice, device));
    const key = SecretKey.generate();
    const contained = t.dumpAndEncrypt(t.LocalDevice, device, key);
    expect(() => t.openLocalDevice(contained, key)).toThrow(error("BAD_SERIALIZATION", { format: null }));
  });

  it("tell device files apart by their type", () => {
    for (const codec of [t.DeviceFilePassword, t.DeviceFileKeyring, t.DeviceFilePki, t.DeviceFileOpenBao]) {
      const file = example<t.DeviceFile>(codec as t.TaggedCodec<string, t.DeviceFile["type"], t.DeviceFile>);
      expect(t.loadDeviceFile(t.dumpDeviceFile(file))).toEqual(file);
    }
  });

  it("dump enrollment payloads in the clear", () => {
    const submit = example(t.AsyncEnrollmentSubmitPayload);
    const dumped = t.dumpAsyncEnrollmentSubmitPayload(submit);
    expect(t.dumpAsyncEnrollmentSubmitPayload(t.loadAsyncEnrollmentSubmitPayload(dumped))).toEqual(dumped);
    const accept = example(t.AsyncEnrollmentAcceptPayload);
    const accepted = t.dumpAsyncEnrollmentAcceptPayload(accept);
    expect(t.loadAsyncEnrollmentAcceptPayload(accepted)).toMatchObject({ userId: accept.userId });
    expect(() => t.loadAsyncEnrollmentAcceptPayload(dumped)).toThrow(error("BAD_SERIALIZATION"));
    const content = example(t.AsyncEnrollmentLocalPendingCleartextContent);
    const cleartextContent = t.dumpAsyncEnrollmentCleartextContent(content);
    expect(t.loadAsyncEnrollmentCleartextContent(cleartextContent)).toEqual(content);
    const pending = { ...example(t.AsyncEnrollmentLocalPending), cleartextContent };
    expect(t.loadAsyncEnrollmentLocalPending(t.dumpAsyncEnrollmentLocalPending(pending))).toEqual(pending);
  });

  it("sign and seal shamir share data for one recipient", () => {
    const [signingKey, recipient] = [SigningKey.generate(), PrivateKey.generate()];
    const data = example(t.ShamirRecoveryShareData);
    const sealed = t.sealShamirRecoveryShareData(recipient.publicKey, signingKey, data);
    const open = (own: PrivateKey, key: SigningKey, expected: t.ExpectedInShareData) =>
      t.openShamirRecoveryShareData(sealed, own, key.verifyKey, expected).value;
    expect(open(recipient, signingKey, data).weightedShare).toHaveLength(data.weightedShare.length);
    expect(() => open(PrivateKey.generate(), signingKey, data)).toThrow(error("DECRYPTION"));
    expect(() => open(recipient, SigningKey.generate(), data)).toThrow(error("SIGNATURE"));
    const wrong = { author: t.DeviceId.generate(), timestamp: instant() };
    expect(() => open(recipient, signingKey, wrong)).toThrow(error("UNEXPECTED_AUTHOR"));
    expect(() => open(recipient, signingKey, { ...wrong, author: data.author })).toThrow(error("UNEXPECTED_TIMESTAMP"));
  });

  it("split a shamir secret, and give it back from enough shares only", () => {
    const secret = example(t.ShamirRecoverySecret);
    const shares = t.splitShamirRecoverySecret(secret, { threshold: 3, shares: 5 });
    const combined = t.combineShamirRecoverySecret(shares.slice(1, 4), 3);
    expect(combined.revealToken).toBe(secret.revealToken);
    expect(combined.dataKey.equals(secret.dataKey)).toBe(true);
    expect(() => t.combineShamirRecoverySecret(shares.slice(0, 2), 3)).toThrow(error("DECRYPTION"));
    expect(() => t.combineShamirRecoverySecret(shares.slice(0, 2), 2)).toThrow(error("BAD_SERIALIZATION"));
  });

  it("sign and encrypt CryptPad keys", () => {
    const signingKey = SigningKey.generate();
    const sessionKey = example(t.CryptpadSessionKey);
    const opened = roundTrip(
      (key) => t.sealCryptpadSessionKey(key, signingKey, sessionKey),
      (sealed, key) => t.openCryptpadSessionKey(sealed, key, signingKey.verifyKey, sessionKey),
    );
    expect(opened.value).toEqual(sessionKey);
  });
});

describe("manifests", () => {
  it("are opened as what they are: child, root or user manifest", () => {
    const [key, signingKey] = [SecretKey.generate(), SigningKey.generate()];
    const seal = (manifest: t.Manifest) => t.sealManifest(key, signingKey, manifest);
    const expected = { author, timestamp: instant() };
    const child = seal(folderManifest());
    const root = seal({ ...folderManifest(), id: parentId });
    expect(t.openChildManifest(child, key, signingKey.verifyKey, expected).value).toEqual(folderManifest());
    expect(t.openWorkspaceManifest(root, key, signingKey.verifyKey, expected).value.id).toBe(parentId);
    const asRoot = () => t.openWorkspaceManifest(child, key, signingKey.verifyKey, expected);
    const asChild = () => t.openChildManifest(root, key, signingKey.verifyKey, expected);
    const asUser = () => t.openUserManifest(child, key, signingKey.verifyKey, expected);
    expect(asRoot).toThrow(error("DATA_INTEGRITY", { invariant: "id and parent are the same for root manifest" }));
    expect(asChild).toThrow(error("DATA_INTEGRITY", { invariant: "id and parent are different for child manifest" }));
    expect(asUser).toThrow(error("BAD_SERIALIZATION"));
  });

  it("compare the author, the timestamp, the id, then the version", () => {
    const [key, signingKey] = [SecretKey.generate(), SigningKey.generate()];
    const manifest = fileManifest({ title: "", blocksize: 8, size: 8, blocks: [{ offset: 0, size: 8 }] });
    const sealed = t.sealManifest(key, signingKey, manifest);
    const open = (expected: t.ExpectedInManifest) =>
      t.openChildManifest(sealed, key, signingKey.verifyKey, expected).value;
    const right = { author, timestamp: instant(), id: manifest.id, version: 3 };
    const wrong = { author: t.DeviceId.generate(), timestamp: instant("t9"), id: parentId, version: 4 };
    expect(open(right)).toEqual(manifest);
    expect(() => open(wrong)).toThrow(error("UNEXPECTED_AUTHOR", { expected: wrong.author, got: author }));
    expect(() => open({ ...wrong, author })).toThrow(error("UNEXPECTED_TIMESTAMP", { got: instant() }));
    expect(() => open({ ...right, id: wrong.id, version: 4 })).toThrow(error("UNEXPECTED_ID", { got: manifest.id }));
    expect(() => open({ ...right, version: 4 })).toThrow(error("UNEXPECTED_VERSION", { expected: 4, got: 3 }));
  });

  it("do not accept blocks beyond what a number holds exactly", () => {
    const blocks = [{ offset: 2 ** 53 - 8, size: 1000 }];
    const far = fileManifest({ title: "", blocksize: 2 ** 40, size: 2 ** 53 - 1, blocks });
    expect(() => t.dump(t.FileManifest, far)).toThrow(error("DATA_INTEGRITY"));
  });
});
