import { concatBytes } from "@parsec/base";
import { ready, SigningKey } from "@parsec/crypto";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import * as t from "../../src/index.ts";
import { error } from "../support/errors.ts";

let alice: SigningKey;
let mallory: SigningKey;
beforeAll(async () => {
  await ready();
  alice = SigningKey.generate();
  mallory = SigningKey.generate();
});

const author = t.DeviceId.generate();
const other = t.DeviceId.generate();
const userId = t.UserId.generate();
const realmId = t.VlobId.generate();
const timestamp = t.DateTime.fromMicros(1_700_000_000_000_001);
const handle = t.HumanHandle.parse("bob@example.com", "Bob");

const revoked: t.RevokedUserCertificate = { type: "revoked_user_certificate", author, timestamp, userId };
const role: t.RealmRoleCertificate = { type: "realm_role_certificate", author, timestamp, realmId, userId, role: null };
const brief: t.ShamirRecoveryBriefCertificate = {
  type: "shamir_recovery_brief_certificate",
  author,
  timestamp,
  userId,
  threshold: 1,
  perRecipientShares: new Map([[userId, 1]]),
};

function user(changes: Partial<t.UserCertificate> = {}): t.UserCertificate {
  return {
    type: "user_certificate",
    author,
    timestamp,
    userId,
    humanHandle: handle,
    publicKey: t.decode(t.PublicKeyCodec, concatBytes(Uint8Array.of(0xc4, 32), new Uint8Array(32))),
    algorithm: "X25519_XSALSA20_POLY1305",
    profile: "ADMIN",
    ...changes,
  };
}

describe("certificates", () => {
  it("are read unverified, then verified with the author's key", () => {
    const signed = t.signCertificate(alice, revoked);
    const unverified = t.unsecureLoadCertificate(signed);
    expect([unverified.type, unverified.author, unverified.timestamp]).toEqual([revoked.type, author, timestamp]);
    const verified = t.verifyCertificate(unverified, alice.verifyKey);
    expect(verified.value).toEqual(revoked);
    expect(verified.signed).toBe(signed);
    expect(() => t.verifyCertificate(unverified, mallory.verifyKey)).toThrow(error("SIGNATURE"));
  });

  it("do not let an unverified one be used for a verified one", () => {
    expectTypeOf<t.UnverifiedCertificate>().not.toExtend<t.Verified<t.SignedCertificate>>();
    expectTypeOf<"value">().not.toExtend<keyof t.UnverifiedCertificate>();
    expectTypeOf<{ value: t.SignedCertificate; signed: Uint8Array }>().not.toExtend<t.Verified<t.SignedCertificate>>();
    expectTypeOf<t.Verified<t.UserCertificate>>().toExtend<t.Verified<t.SignedCertificate>>();
  });

  it("are told apart by topic", () => {
    const signed = t.signCertificate(alice, role);
    const unverified = t.unsecureLoadCertificate(signed, t.RealmCertificate);
    expectTypeOf(unverified).toEqualTypeOf<t.UnverifiedCertificate<t.RealmCertificate>>();
    expect(t.loadTrustedCertificate(signed, t.RealmCertificate).value).toEqual(role);
    for (const codec of [t.CommonCertificate, t.ShamirRecoveryCertificate]) {
      const load = () => t.unsecureLoadCertificate<t.SignedCertificate>(signed, codec);
      expect(load).toThrow(error("BAD_SERIALIZATION", { step: "msgpack+validation" }));
    }
  });

  it("are compared in the order author, realm, user", () => {
    const signed = t.signCertificate(alice, role);
    const load = (expected: t.ExpectedInCertificate) =>
      t.verifyAndLoadCertificate(t.RealmRoleCertificate, signed, alice.verifyKey, expected).value;
    const wrong = { realmId: t.VlobId.generate(), userId: t.UserId.generate() };
    expect(load({ author, realmId, userId })).toEqual(role);
    expect(load({ author })).toEqual(role);
    const byAuthor = { expected: other, got: author };
    expect(() => load({ author: other, ...wrong })).toThrow(error("UNEXPECTED_AUTHOR", byAuthor));
    expect(() => load({ author, ...wrong })).toThrow(error("UNEXPECTED_REALM_ID", { got: realmId }));
    expect(() => load({ author, realmId, userId: wrong.userId })).toThrow(error("UNEXPECTED_USER_ID", { got: userId }));
  });

  it("check the signature before the container, and the container before the author", () => {
    const load = (signed: Uint8Array) =>
      t.verifyAndLoadCertificate(t.SignedCertificate, signed, alice.verifyKey, { author: other });
    expect(() => load(t.signCertificate(mallory, revoked))).toThrow(error("SIGNATURE"));
    expect(() => load(new Uint8Array(63))).toThrow(error("SIGNATURE"));
    expect(() => load(alice.sign(Uint8Array.of(1, 2, 3)))).toThrow(error("BAD_SERIALIZATION", { format: null }));
    expect(() => load(alice.sign(Uint8Array.of(0, 2, 3)))).toThrow(error("BAD_SERIALIZATION", { step: "zstd" }));
    expect(() => load(t.signCertificate(alice, revoked))).toThrow(error("UNEXPECTED_AUTHOR"));
  });

  it("follow the author rule of the root key", () => {
    const load = (certificate: t.UserCertificate, expected: t.DeviceId | null) =>
      t.verifyAndLoadCertificate(t.UserCertificate, t.signCertificate(alice, certificate), alice.verifyKey, {
        author: expected,
      }).value.author;
    expect(load(user({ author: null }), null)).toBeNull();
    expect(() => load(user({ author: null }), author)).toThrow(error("UNEXPECTED_AUTHOR", { got: null }));
    expect(load(user(), null)).toBe(author);
  });

  it("are redacted, shown under a stand-in, and written back as nil", () => {
    const redacted = t.redactedUserCertificate(user());
    const signed = t.signCertificate(alice, redacted);
    const { value } = t.verifyAndLoadCertificate(t.UserCertificate, signed, alice.verifyKey, { author });
    expect(value.humanHandle).toBeNull();
    expect(t.shownHumanHandle(value)).toEqual({ email: `${userId}@redacted.invalid`, label: userId });
    const expecting = (humanHandle: t.HumanHandle) => () =>
      t.verifyAndLoadCertificate(t.UserCertificate, signed, alice.verifyKey, { author, humanHandle });
    expect(expecting(t.HumanHandle.redacted(userId))).not.toThrow();
    expect(expecting(handle)).toThrow(error("UNEXPECTED_HUMAN_HANDLE"));
  });

  it("compare human handles by their e-mail address only", () => {
    const signed = t.signCertificate(alice, user());
    const humanHandle = t.HumanHandle.parse("bob@example.com", "Another label");
    const expected = { author, userId, humanHandle };
    expect(() => t.verifyAndLoadCertificate(t.UserCertificate, signed, alice.verifyKey, expected)).not.toThrow();
  });

  it("are not written when they break a rule of their type", () => {
    const threshold = () => t.signCertificate(alice, { ...brief, threshold: 2 });
    expect(threshold).toThrow(error("DATA_INTEGRITY", { invariant: "threshold <= total_shares" }));
    const shares = new Map(Array.from({ length: 2 }, () => [t.UserId.generate(), 128] as const));
    const total = () => t.signCertificate(alice, { ...brief, perRecipientShares: shares });
    expect(total).toThrow(error("DATA_INTEGRITY", { invariant: "total_shares <= 255" }));
    const empty = () => t.signCertificate(alice, { ...brief, perRecipientShares: new Map() });
    expect(empty).toThrow(error("DATA_INTEGRITY", { invariant: "threshold <= total_shares" }));
  });

  it("read a purpose that is nil as the standard one, and always write it", () => {
    expect(t.decode(t.DevicePurpose, Uint8Array.of(0xc0))).toBe("STANDARD");
    expect(t.encode(t.DevicePurpose, "STANDARD")).toEqual(t.encode(t.Str, "STANDARD"));
  });

  it("read a missing author as root, since only the root key can then verify it", () => {
    const { author: _author, ...rest } = user();
    const nothing = t.tagged("type", "user_certificate", {
      timestamp: t.DateTime,
      userId: t.UserId,
      humanHandle: t.nullable(t.HumanHandle),
      publicKey: t.PublicKeyCodec,
      algorithm: t.literals(["X25519_XSALSA20_POLY1305"]),
      profile: t.UserProfile,
    });
    expect(t.unsecureLoadCertificate(alice.sign(t.dump(nothing, rest))).author).toBeNull();
  });
});
