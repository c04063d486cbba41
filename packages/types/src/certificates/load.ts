import type { SigningKey, VerifyKey } from "@parsec/crypto";
import type { Codec } from "../codec/index.ts";
import { UnexpectedValueError } from "../data-error.ts";
import { dumpAndSign, verifyAndLoad } from "../envelope.ts";
import { expectAuthor, expectValue } from "../expected.ts";
import { HumanHandle } from "../human-handle.ts";
import type { DeviceId, UserId, VlobId } from "../ids.ts";
import { Unverified, type Verified } from "../verified.ts";
import { SignedCertificate } from "./certificate.ts";
import { shownHumanHandle } from "./user-certificate.ts";

/** A certificate whose signature is not checked yet. */
export type UnverifiedCertificate<T extends SignedCertificate = SignedCertificate> = Unverified<T>;

/**
 * signature (64) ‖ container: what is sent, stored and forwarded (spec 04 §2).
 * @throws DataIntegrityError when the certificate breaks a rule of its type
 */
export function signCertificate(signingKey: SigningKey, certificate: SignedCertificate): Uint8Array<ArrayBuffer> {
  return dumpAndSign(SignedCertificate, certificate, signingKey);
}

/**
 * Reads a certificate to find out who signed it. Give the codec of a topic, such as `RealmCertificate`, to accept only
 * its types (spec 04 §1.3).
 * @throws SignatureError when shorter than a signature
 * @throws BadSerializationError
 * @throws DataIntegrityError
 */
export function unsecureLoadCertificate(signed: Uint8Array): UnverifiedCertificate;
export function unsecureLoadCertificate<T extends SignedCertificate>(
  signed: Uint8Array,
  codec: Codec<T>,
): UnverifiedCertificate<T>;
export function unsecureLoadCertificate(
  signed: Uint8Array,
  codec: Codec<SignedCertificate> = SignedCertificate,
): UnverifiedCertificate {
  return Unverified.load(codec, signed);
}

/**
 * The certificate, once its author's key has verified it. The caller compares its content with what it expects.
 * @throws SignatureError
 */
export function verifyCertificate<T extends SignedCertificate>(
  unverified: UnverifiedCertificate<T>,
  authorKey: VerifyKey,
): Verified<T> {
  return unverified.verify(authorKey);
}

/**
 * A certificate read back from this device's own encrypted storage: its signature was checked when it came in.
 * @throws SignatureError when shorter than a signature
 * @throws BadSerializationError
 * @throws DataIntegrityError
 */
export function loadTrustedCertificate(signed: Uint8Array): Verified<SignedCertificate>;
export function loadTrustedCertificate<T extends SignedCertificate>(signed: Uint8Array, codec: Codec<T>): Verified<T>;
export function loadTrustedCertificate(
  signed: Uint8Array,
  codec: Codec<SignedCertificate> = SignedCertificate,
): Verified<SignedCertificate> {
  return Unverified.load(codec, signed).trustOwnStorage();
}

/** What a certificate must say. An author of `null` is the root key; what is left out is not compared. */
export interface ExpectedInCertificate {
  readonly author: DeviceId | null;
  readonly realmId?: VlobId;
  readonly userId?: UserId;
  readonly humanHandle?: HumanHandle;
  readonly deviceId?: DeviceId;
  readonly recipient?: UserId;
}

/**
 * Verifies a certificate and compares it with what was asked for, in the order of spec 02 §5: author, realm, user,
 * human handle, device, recipient. Properties that its type does not have are not compared.
 * @throws SignatureError
 * @throws BadSerializationError
 * @throws DataIntegrityError
 * @throws UnexpectedValueError
 */
export function verifyAndLoadCertificate<T extends SignedCertificate>(
  codec: Codec<T>,
  signed: Uint8Array,
  authorKey: VerifyKey,
  expected: ExpectedInCertificate,
): Verified<T> {
  const verified = verifyAndLoad(codec, signed, authorKey);
  checkExpected(verified.value, expected);
  return verified;
}

function checkExpected(certificate: SignedCertificate, expected: ExpectedInCertificate): void {
  expectAuthor(expected.author, "author" in certificate ? certificate.author : null);
  if ("realmId" in certificate) expectValue("UNEXPECTED_REALM_ID", expected.realmId, certificate.realmId);
  if ("userId" in certificate) expectValue("UNEXPECTED_USER_ID", expected.userId, certificate.userId);
  if (certificate.type === "user_certificate") expectHumanHandle(expected.humanHandle, shownHumanHandle(certificate));
  if ("deviceId" in certificate) expectValue("UNEXPECTED_DEVICE_ID", expected.deviceId, certificate.deviceId);
  if ("recipient" in certificate) expectValue("UNEXPECTED_USER_ID", expected.recipient, certificate.recipient);
}

/** Handles are equal when their e-mail addresses are. */
function expectHumanHandle(expected: HumanHandle | undefined, got: HumanHandle): void {
  if (expected !== undefined && !HumanHandle.equals(expected, got)) {
    throw new UnexpectedValueError("UNEXPECTED_HUMAN_HANDLE", expected, got);
  }
}
