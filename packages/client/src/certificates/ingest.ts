import type { VerifyKey } from "@parsec/crypto";
import {
  type Codec,
  CommonCertificate,
  RealmCertificate,
  ShamirRecoveryCertificate,
  type SignedCertificate,
  type UserId,
  type VlobId,
} from "@parsec/types";
import type { CertificateIndex } from "./certificate-index.ts";
import { type GenuineCertificate, readCertificate, readSequesterCertificate } from "./read.ts";
import { validateCertificate } from "./validate/certificate.ts";
import { InvalidCertificateError } from "./violation.ts";

/** The certificates of one reply of `certificate_get`, in the order of the server. */
export interface CertificateBatch {
  readonly commonCertificates: readonly Uint8Array[];
  readonly sequesterCertificates: readonly Uint8Array[];
  readonly shamirRecoveryCertificates: readonly Uint8Array[];
  readonly realmCertificates: ReadonlyMap<VlobId, readonly Uint8Array[]>;
}

/** Whose certificates these are. */
export interface Beholder {
  readonly userId: UserId;
  readonly rootVerifyKey: VerifyKey;
}

/**
 * Validates a whole batch in the order of spec 09a §3.2, each certificate against `overlay`, which then holds it too.
 * Gives all of them, to be stored in that order. On an error `overlay` is to be thrown away.
 * @throws InvalidCertificateError
 */
export async function ingest(
  overlay: CertificateIndex,
  batch: CertificateBatch,
  beholder: Beholder,
): Promise<readonly GenuineCertificate[]> {
  const accepted: GenuineCertificate[] = [];
  const accept = (genuine: GenuineCertificate) => {
    const { certificate, author } = genuine;
    const violation = validateCertificate(overlay, certificate, author, beholder.userId);
    if (violation !== undefined) throw new InvalidCertificateError(violation, certificate.type);
    overlay.add(certificate);
    accepted.push(genuine);
  };
  const read = (signed: Uint8Array, codec: Codec<SignedCertificate>, realm?: VlobId) =>
    readCertificate(overlay, signed, codec, beholder.rootVerifyKey, realm);

  for (const signed of batch.sequesterCertificates) {
    accept(await readSequesterCertificate(overlay, signed, beholder.rootVerifyKey));
  }
  for (const signed of batch.commonCertificates) accept(read(signed, CommonCertificate));
  for (const [realm, certificates] of batch.realmCertificates) {
    for (const signed of certificates) accept(read(signed, RealmCertificate, realm));
  }
  const shares = new ShareExpectation(beholder.userId);
  for (const signed of batch.shamirRecoveryCertificates) {
    const genuine = read(signed, ShamirRecoveryCertificate);
    shares.before(genuine);
    accept(genuine);
    shares.after(genuine);
  }
  shares.atEnd();
  return accepted;
}

/** After a brief that names us as a recipient comes our share, at once and in the same batch (spec 09a §4.12). */
class ShareExpectation {
  readonly #self: UserId;
  #isExpected = false;

  constructor(self: UserId) {
    this.#self = self;
  }

  before({ certificate }: GenuineCertificate): void {
    if (this.#isExpected && certificate.type !== "shamir_recovery_share_certificate") this.atEnd();
    this.#isExpected = false;
  }

  after({ certificate }: GenuineCertificate): void {
    this.#isExpected =
      certificate.type === "shamir_recovery_brief_certificate" && certificate.perRecipientShares.has(this.#self);
  }

  atEnd(): void {
    if (!this.#isExpected) return;
    throw new InvalidCertificateError({ rule: "SHAMIR_RECOVERY_MISSING_SHARE" }, "shamir_recovery_brief_certificate");
  }
}
