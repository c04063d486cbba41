import { ParsecError } from "@parsec/base";
import type { VerifyKey } from "@parsec/crypto";
import {
  type AnyCertificate,
  type Codec,
  type DeviceCertificate,
  SequesterAuthorityCertificate,
  type SignedCertificate,
  UnexpectedValueError,
  type UnverifiedCertificate,
  unsecureLoadCertificate,
  type VlobId,
  verifySequesterCertificate,
} from "@parsec/types";
import { sequesterTopic } from "./topic.ts";
import type { CertificateView } from "./view.ts";
import { InvalidCertificateError } from "./violation.ts";

/** A certificate whose signature is right, before the rules of its type. */
export interface GenuineCertificate {
  readonly certificate: AnyCertificate;
  /** `null`: the root key, or the sequester authority. */
  readonly author: DeviceCertificate | null;
  /** The bytes as received. */
  readonly signed: Uint8Array;
}

/**
 * Steps a to d of spec 09a §4 for what an Ed25519 key signed: form, author, signature, realm. `codec` accepts the
 * types of the topic only.
 * @throws InvalidCertificateError
 */
export function readCertificate(
  view: CertificateView,
  signed: Uint8Array,
  codec: Codec<SignedCertificate>,
  rootVerifyKey: VerifyKey,
  expectedRealm?: VlobId,
): GenuineCertificate {
  const unverified = orCorrupted("certificate", () => unsecureLoadCertificate(signed, codec));
  const author = authorOf(view, unverified);
  const key = author === null ? rootVerifyKey : author.verifyKey;
  const { value } = orCorrupted(unverified.type, () => unverified.verify(key));
  if (expectedRealm !== undefined && "realmId" in value && value.realmId !== expectedRealm) {
    const error = new UnexpectedValueError("UNEXPECTED_REALM_ID", expectedRealm, value.realmId);
    throw new InvalidCertificateError({ rule: "CORRUPTED", error }, value.type);
  }
  return { certificate: value, author, signed };
}

function authorOf(view: CertificateView, { author, timestamp, type }: UnverifiedCertificate): DeviceCertificate | null {
  if (author === null) return null;
  const device = view.device(author);
  if (device === undefined) throw new InvalidCertificateError({ rule: "NON_EXISTING_AUTHOR" }, type);
  if (device.timestamp <= timestamp) return device;
  throw new InvalidCertificateError({ rule: "OLDER_THAN_AUTHOR", authorCreatedOn: device.timestamp }, type);
}

/**
 * The first of the topic is the authority, signed by root; the others are signed by the authority's RSA key
 * (spec 09a §4.7, §4.8).
 * @throws InvalidCertificateError
 */
export async function readSequesterCertificate(
  view: CertificateView,
  signed: Uint8Array,
  rootVerifyKey: VerifyKey,
): Promise<GenuineCertificate> {
  if (view.last(sequesterTopic) === undefined) {
    return readCertificate(view, signed, SequesterAuthorityCertificate, rootVerifyKey);
  }
  const authority = view.sequesterAuthority();
  if (authority === undefined) {
    throw new InvalidCertificateError({ rule: "NOT_A_SEQUESTERED_ORGANIZATION" }, "sequester certificate");
  }
  try {
    const { value } = await verifySequesterCertificate(signed, authority.verifyKeyDer);
    return { certificate: value, author: null, signed };
  } catch (error) {
    throw corrupted("sequester certificate", error);
  }
}

function orCorrupted<T>(certificateType: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw corrupted(certificateType, error);
  }
}

/** What a loader throws, as the violation that it shows; anything else is passed on. */
function corrupted(certificateType: string, error: unknown): unknown {
  return ParsecError.is(error) && error.code !== "CRYPTO_NOT_READY"
    ? new InvalidCertificateError({ rule: "CORRUPTED", error }, certificateType)
    : error;
}
