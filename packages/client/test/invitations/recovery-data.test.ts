import { combineShares, PrivateKey, PublicKey, ready, SecretKey, ShamirShare, VerifyKey } from "@parsec/crypto";
import {
  AccessToken,
  type Codec,
  combineShamirRecoverySecret,
  decode,
  decrypt,
  dump,
  encode,
  LocalDevice,
  load,
  openLocalDevice,
  openShamirRecoveryShareData,
  ShamirRecoveryBriefCertificate,
  ShamirRecoverySecret,
  ShamirRecoveryShareCertificate,
  ShamirRecoveryShareData,
  sealShamirRecoveryShareData,
  splitShamirRecoverySecret,
  totalShares,
  unsecureLoadCertificate,
  verifyCertificate,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import "../../../../test/support/key-equality.ts";
import {
  bytes,
  type RecordedData,
  type RecordedDevice,
  type RecordedRecovery,
  vectors,
} from "./support/greeting-vectors.ts";

// The data of the recorded recoveries.

beforeAll(() => ready());

test("there are two recoveries, one of them set up by the reference client", () => {
  expect(vectors.shamir_recoveries.map(({ name }) => name)).toEqual(["setup_from_specification", "setup_by_reference"]);
});

function expectSameDocument<T>(codec: Codec<T>, recorded: RecordedData): T {
  const value = load(codec, bytes(recorded.dump));
  expect(encode(codec, value)).toEqual(bytes(recorded.msgpack));
  expect(load(codec, dump(codec, value))).toEqual(value);
  return value;
}

function device(recorded: RecordedDevice): LocalDevice {
  const value = decode(LocalDevice, bytes(recorded.msgpack));
  expect(encode(LocalDevice, value)).toEqual(bytes(recorded.msgpack));
  expect(value.signingKey.verifyKey.toBytes()).toEqual(bytes(recorded.verify_key));
  expect(value.privateKey.publicKey.toBytes()).toEqual(bytes(recorded.public_key));
  return value;
}

describe.each(vectors.shamir_recoveries)("the recovery $name", (recovery: RecordedRecovery) => {
  const share = (recorded: string) => ShamirShare.fromBytes(bytes(recorded));

  test("the secret comes out of its shares, of enough of them only", () => {
    const expected = expectSameDocument(ShamirRecoverySecret, recovery.secret);
    expect(expected.dataKey.toBytes()).toEqual(bytes(recovery.data_key));
    expect(expected.revealToken).toBe(AccessToken.fromBytes(bytes(recovery.reveal_token)));
    const all = recovery.shares.map(share);
    const used = recovery.shares_used?.map(share) ?? all.slice(0, recovery.threshold);
    for (const shares of [used, all, all.slice(-recovery.threshold)]) {
      expect(combineShares(shares, recovery.threshold)).toEqual(bytes(recovery.secret.dump));
      expect(combineShamirRecoverySecret(shares, recovery.threshold)).toEqual(expected);
    }
    expect(() => combineShamirRecoverySecret(used.slice(1), recovery.threshold)).toThrow(
      expect.objectContaining({ code: "DECRYPTION" }),
    );
    const again = splitShamirRecoverySecret(expected, { threshold: recovery.threshold, shares: all.length });
    expect(combineShamirRecoverySecret(again.slice(1), recovery.threshold)).toEqual(expected);
  });

  test("the secret opens the recovery device", () => {
    const recovered = device(recovery.recovery_device);
    const key = SecretKey.fromBytes(bytes(recovery.data_key));
    const encrypted = bytes(recovery.ciphered_data.encrypted);
    expect(decrypt(key, encrypted)).toEqual(bytes(recovery.recovery_device.msgpack));
    expect(openLocalDevice(encrypted, key)).toEqual(recovered);
  });

  test("the three devices are of one user", () => {
    const [owner, recovered, fresh] = [recovery.owner_device, recovery.recovery_device, recovery.new_device].map(
      device,
    );
    for (const other of [recovered, fresh]) {
      expect(other).toMatchObject({ userId: owner?.userId, userRealmId: owner?.userRealmId });
      expect(other?.privateKey).toEqual(owner?.privateKey);
      expect(other?.userRealmKey).toEqual(owner?.userRealmKey);
      expect(other?.signingKey).not.toEqual(owner?.signingKey);
    }
  });

  test("the certificates, and the shares that only their recipient opens", () => {
    const owner = device(recovery.owner_device);
    const authorKey = VerifyKey.fromBytes(bytes(recovery.owner_device.verify_key));
    const brief = expectSameDocument(ShamirRecoveryBriefCertificate, recovery.brief_certificate);
    const signedBrief = unsecureLoadCertificate(
      bytes(recovery.brief_certificate.signed),
      ShamirRecoveryBriefCertificate,
    );
    expect(verifyCertificate(signedBrief, authorKey).value).toEqual(brief);
    expect(brief).toMatchObject({ author: owner.deviceId, userId: owner.userId, threshold: recovery.threshold });
    expect(totalShares(brief)).toBe(recovery.shares.length);
    expect(brief.perRecipientShares.size).toBe(recovery.recipients.length);

    const { author, timestamp } = brief;
    const given = recovery.recipients.flatMap((recipient) => {
      const certificate = expectSameDocument(ShamirRecoveryShareCertificate, recipient.share_certificate);
      const signed = unsecureLoadCertificate(bytes(recipient.share_certificate.signed), ShamirRecoveryShareCertificate);
      expect(verifyCertificate(signed, authorKey).value).toEqual(certificate);
      expect(certificate).toMatchObject({ author, timestamp, userId: owner.userId });

      const expected = expectSameDocument(ShamirRecoveryShareData, recipient.share_data);
      const privateKey = PrivateKey.fromBytes(bytes(recipient.private_key));
      expect(privateKey.openSealed(certificate.cipheredShare)).toEqual(bytes(recipient.share_data.signed));
      const opened = openShamirRecoveryShareData(certificate.cipheredShare, privateKey, authorKey, {
        author,
        timestamp,
      });
      expect(opened.value).toEqual(expected);
      expect(opened.value.weightedShare).toHaveLength(brief.perRecipientShares.get(certificate.recipient) ?? 0);

      const publicKey = PublicKey.fromBytes(privateKey.publicKey.toBytes());
      const sealed = sealShamirRecoveryShareData(publicKey, owner.signingKey, expected);
      expect(openShamirRecoveryShareData(sealed, privateKey, authorKey, { author, timestamp }).value).toEqual(expected);
      const [another] = recovery.recipients.filter(({ name }) => name !== recipient.name);
      const anotherKey = PrivateKey.fromBytes(bytes(another?.private_key ?? ""));
      expect(() => anotherKey.openSealed(certificate.cipheredShare)).toThrow(
        expect.objectContaining({ code: "DECRYPTION" }),
      );
      return opened.value.weightedShare;
    });
    const inOrder = given.map((one) => Buffer.from(one.toBytes()).toString("base64")).toSorted();
    expect(inOrder).toEqual(recovery.shares.toSorted());
  });
});
