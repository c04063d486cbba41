import { generateKeyPairSync } from "node:crypto";
import { SequesterPublicKey } from "@parsec/crypto";
import {
  type AnyCertificate,
  DateTime,
  type DeviceId,
  type RealmRole,
  SequesterServiceId,
  type UserId,
  type UserProfile,
  VlobId,
} from "@parsec/types";
import type { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { validateCertificate } from "../../src/certificates/validate/certificate.ts";
import { TestOrganization, type TestUser } from "./organization.ts";

/** A certificate without its author and date. */
export type Fields<T extends AnyCertificate["type"] = AnyCertificate["type"]> = T extends unknown
  ? Omit<Extract<AnyCertificate, { readonly type: T }>, "author" | "timestamp">
  : never;

/** An organization whose certificates are dated to the microsecond by the test, counted from the start of `Stage`. */
export class Stage {
  readonly organization = new TestOrganization();
  readonly alice = this.organization.user("alice", "ADMIN");
  readonly bob = this.organization.user("bob", "STANDARD", this.alice);
  readonly carl = this.organization.user("carl", "STANDARD", this.alice);
  readonly realmId = VlobId.generate();
  readonly #start = this.organization.tick();

  get index(): CertificateIndex {
    return this.organization.index;
  }

  at(micros: number): DateTime {
    return DateTime.fromMicros(this.#start + micros);
  }

  /** Adds a certificate, blindly. */
  add(author: TestUser, micros: number, fields: Fields): void {
    this.index.add(this.dated(author.deviceId, micros, fields));
  }

  /** The rule that it breaks, if any. */
  rule(author: TestUser | null, micros: number, fields: Fields, self: TestUser = this.alice): string | undefined {
    const certificate = this.dated(author?.deviceId ?? null, micros, fields);
    return validateCertificate(this.index, certificate, author?.device ?? null, self.userId)?.rule;
  }

  dated(author: DeviceId | null, micros: number, fields: Fields): AnyCertificate {
    // The fields are those of one type, which the compiler does not follow through the union.
    return { ...fields, author, timestamp: this.at(micros) } as AnyCertificate;
  }
}

export const update = ({ userId }: TestUser, newProfile: UserProfile): Fields => ({
  type: "user_update_certificate",
  userId,
  newProfile,
});
export const revocation = ({ userId }: TestUser): Fields => ({ type: "revoked_user_certificate", userId });
export const role = (realmId: VlobId, { userId }: TestUser, given: RealmRole | null): Fields => ({
  type: "realm_role_certificate",
  realmId,
  userId,
  role: given,
});
export const name = (realmId: VlobId): Fields => ({
  type: "realm_name_certificate",
  realmId,
  keyIndex: 1,
  encryptedName: new Uint8Array(3),
});
export const rotation = (realmId: VlobId, keyIndex = 1): Fields => ({
  type: "realm_key_rotation_certificate",
  realmId,
  keyIndex,
  encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
  hashAlgorithm: "SHA256",
  keyCanary: new Uint8Array(40),
});
export const archiving = (realmId: VlobId): Fields => ({
  type: "realm_archiving_certificate",
  realmId,
  configuration: { type: "ARCHIVED" },
});
export const brief = ({ userId }: TestUser, shares: readonly (readonly [TestUser, number])[]): Fields => ({
  type: "shamir_recovery_brief_certificate",
  userId,
  threshold: 1,
  perRecipientShares: new Map<UserId, number>(shares.map(([user, weight]) => [user.userId, weight])),
});
export const share = ({ userId }: TestUser, recipient: TestUser): Fields => ({
  type: "shamir_recovery_share_certificate",
  userId,
  recipient: recipient.userId,
  cipheredShare: new Uint8Array(3),
});
export const deletion = (
  { userId }: TestUser,
  setupToDeleteTimestamp: DateTime,
  recipients: readonly TestUser[],
): Fields => ({
  type: "shamir_recovery_deletion_certificate",
  setupToDeleteUserId: userId,
  setupToDeleteTimestamp,
  shareRecipients: new Set(recipients.map((recipient) => recipient.userId)),
});

export const serviceId = SequesterServiceId.generate();
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const service = (id = serviceId): Fields => ({
  type: "sequester_service_certificate",
  serviceId: id,
  serviceLabel: "archive",
  encryptionKeyDer: SequesterPublicKey.fromPem(publicKey.export({ type: "spki", format: "pem" }).toString()),
});
export const serviceRevocation = (id = serviceId): Fields => ({
  type: "sequester_revoked_service_certificate",
  serviceId: id,
});
