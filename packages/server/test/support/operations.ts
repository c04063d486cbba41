import { toBase64 } from "@parsec/base";
import { SigningKey } from "@parsec/crypto";
import {
  DateTime,
  DeviceId,
  type RealmRole,
  type SignedCertificate,
  signCertificate,
  type UserId,
  type UserProfile,
  type VlobId,
} from "@parsec/types";
import { type Actor, userCertificates } from "../../conformance/support/actor.ts";
import { bytesOf, type Dump, known, type Operation } from "./recorded.ts";

/** A device that makes operations, with its key. */
export interface Author {
  readonly deviceId: DeviceId;
  readonly signingKey: SigningKey;
}

/** A device of a dump of the vectors. */
export function dumpedAuthor(dump: Dump, deviceId: string): Author {
  const device = dump.keys.devices.find((candidate) => candidate.device_id === deviceId);
  if (device === undefined) throw new Error(`the dump has no device ${deviceId}`);
  return { deviceId: known(DeviceId.parse(deviceId)), signingKey: SigningKey.fromBytes(bytesOf(device.signing_key)) };
}

type Content<T extends SignedCertificate["type"]> = Omit<Extract<SignedCertificate, { type: T }>, "type" | "author">;

function signed({ deviceId, signingKey }: Author, certificate: object): string {
  // The makers below give each type its own fields.
  return toBase64(signCertificate(signingKey, { ...certificate, author: deviceId } as SignedCertificate));
}

export function bootstrap(actor: Actor, timestamp: number): Operation {
  const root = SigningKey.generate();
  const date = DateTime.fromMicros(timestamp);
  const certificates = userCertificates(actor, { key: root, author: null }, { timestamp: date, profile: "ADMIN" });
  return {
    op: "organization_bootstrap",
    timestamp,
    root_verify_key: toBase64(root.verifyKey.toBytes()),
    ...wireCertificates(certificates),
  };
}

export function userCreate(author: Author, actor: Actor, profile: UserProfile, timestamp: number): Operation {
  const date = DateTime.fromMicros(timestamp);
  const signer = { key: author.signingKey, author: author.deviceId };
  const certificates = userCertificates(actor, signer, { timestamp: date, profile });
  return { op: "user_create", timestamp, author: author.deviceId, ...wireCertificates(certificates) };
}

function wireCertificates(certificates: ReturnType<typeof userCertificates>): Readonly<Record<string, string>> {
  return {
    user_certificate: toBase64(certificates.userCertificate),
    device_certificate: toBase64(certificates.deviceCertificate),
    redacted_user_certificate: toBase64(certificates.redactedUserCertificate),
    redacted_device_certificate: toBase64(certificates.redactedDeviceCertificate),
  };
}

export function userRevoke(author: Author, content: Content<"revoked_user_certificate">): Operation {
  const certificate = signed(author, { type: "revoked_user_certificate", ...content });
  return { ...headOf("user_revoke", author, content), revoked_user_certificate: certificate };
}

interface RealmDate {
  readonly realmId: VlobId;
  readonly timestamp: DateTime;
}

export function realmRole(
  author: Author,
  content: RealmDate & { readonly userId: UserId; readonly role: RealmRole | null },
  op: "realm_create" | "realm_share" | "realm_unshare",
): Operation {
  const certificate = signed(author, { type: "realm_role_certificate", ...content });
  const access =
    op === "realm_share" ? { key_index: 1, recipient_keys_bundle_access: toBase64(new Uint8Array(9)) } : {};
  return { ...headOf(op, author, content), realm_role_certificate: certificate, ...access };
}

export interface RotationBytes {
  readonly userId: UserId;
  readonly keyIndex?: number;
  readonly keysBundle?: Uint8Array;
  readonly access?: Uint8Array;
}

/** The author's user is the only participant. */
export function realmRotate(author: Author, date: RealmDate, bytes: RotationBytes): Operation {
  const { userId, keyIndex = 1, keysBundle = new Uint8Array(9), access = new Uint8Array(9) } = bytes;
  const certificate = signed(author, {
    type: "realm_key_rotation_certificate",
    ...date,
    keyIndex,
    encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
    hashAlgorithm: "SHA256",
    keyCanary: new Uint8Array(9),
  });
  return {
    ...headOf("realm_rotate_key", author, date),
    realm_key_rotation_certificate: certificate,
    per_participant_keys_bundle_access: { [userId]: toBase64(access) },
    keys_bundle: toBase64(keysBundle),
  };
}

export function realmRename(author: Author, date: RealmDate): Operation {
  const content = { ...date, keyIndex: 1, encryptedName: new Uint8Array(9) };
  const certificate = signed(author, { type: "realm_name_certificate", ...content });
  return { ...headOf("realm_rename", author, date), realm_name_certificate: certificate };
}

export interface Setup {
  readonly userId: UserId;
  readonly timestamp: DateTime;
  readonly recipients: readonly UserId[];
  /** 32 hex digits. */
  readonly revealToken: string;
  readonly cipheredData?: Uint8Array;
}

/** A setup that one share opens; each recipient holds one. */
export function shamirSetup(author: Author, setup: Setup): Operation {
  const { userId, timestamp, recipients, revealToken, cipheredData = new Uint8Array(9) } = setup;
  const common = { timestamp, userId };
  const perRecipientShares = new Map(recipients.map((id) => [id, 1]));
  const brief = { type: "shamir_recovery_brief_certificate", ...common, threshold: 1, perRecipientShares };
  const share = (recipient: UserId) =>
    signed(author, {
      type: "shamir_recovery_share_certificate",
      ...common,
      recipient,
      cipheredShare: new Uint8Array(9),
    });
  return {
    ...headOf("shamir_recovery_setup", author, setup),
    ciphered_data: toBase64(cipheredData),
    reveal_token: revealToken,
    shamir_recovery_brief_certificate: signed(author, brief),
    shamir_recovery_share_certificates: recipients.map(share),
  };
}

export function shamirDelete(author: Author, content: Content<"shamir_recovery_deletion_certificate">): Operation {
  const certificate = signed(author, { ...content, type: "shamir_recovery_deletion_certificate" });
  return { ...headOf("shamir_recovery_delete", author, content), shamir_recovery_deletion_certificate: certificate };
}

export function headOf(op: string, author: Author, { timestamp }: { readonly timestamp: number }): Operation {
  return { op, timestamp, author: author.deviceId };
}
