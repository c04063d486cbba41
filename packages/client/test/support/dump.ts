import { ParsecError } from "@parsec/base";
import { type AnyCertificate, loadTrustedCertificate, UserId, type VlobId } from "@parsec/types";
import { bytesOf, type Dump, type DumpOperation, dumpUser } from "../../../../test/support/organization-dump.ts";
import type { CertificateBatch } from "../../src/certificates/ingest.ts";

// What a server would give of an organization dump (spec 13), without any server.

export function userIdOf(dump: Dump, label: string): UserId {
  const id = UserId.parse(dumpUser(dump, label).user_id);
  if (id === undefined) throw new Error(`no user ${label}`);
  return id;
}

type TopicName = "common" | "sequester" | "shamir" | "realm";

/** Which field of an operation holds certificates of which topic. */
const certificateFields: Readonly<Record<string, TopicName>> = {
  user_certificate: "common",
  device_certificate: "common",
  user_update_certificate: "common",
  revoked_user_certificate: "common",
  realm_role_certificate: "realm",
  realm_name_certificate: "realm",
  realm_key_rotation_certificate: "realm",
  archiving_certificate: "realm",
  sequester_authority_certificate: "sequester",
  service_certificate: "sequester",
  revoked_service_certificate: "sequester",
  shamir_recovery_brief_certificate: "shamir",
  shamir_recovery_share_certificates: "shamir",
  shamir_recovery_deletion_certificate: "shamir",
};

interface Given {
  readonly topic: TopicName;
  readonly signed: Uint8Array;
  /** `undefined` for what an RSA key signed, or for what breaks a rule of its own type. */
  readonly certificate: AnyCertificate | undefined;
}

/**
 * All that `certificate_get` gives to a user from nothing (spec 08b §5.1), in the order of the operations; full
 * certificates, not redacted. What a hostile server adds is for everybody, but each share for its recipient.
 */
export function certificatesFor(
  operations: readonly DumpOperation[],
  userId: UserId,
  hostile: readonly DumpOperation[] = [],
): CertificateBatch {
  const honest = operations.flatMap(certificatesOf);
  const all = [...honest, ...hostile.flatMap(certificatesOf)];
  const isVisible = (given: Given) =>
    given.certificate?.type !== "shamir_recovery_share_certificate" && !honest.includes(given);
  const ofTopic = (topic: TopicName) => all.filter((given) => given.topic === topic);
  const realms = new Set(ofTopic("realm").map(realmOf));
  const visible = [...realms].map((realm) => {
    const given = ofTopic("realm").filter((other) => realmOf(other) === realm);
    return [realm, signedBytes(visibleInRealm(given, userId, isVisible))] as const;
  });
  return {
    commonCertificates: signedBytes(ofTopic("common")),
    sequesterCertificates: signedBytes(ofTopic("sequester")),
    shamirRecoveryCertificates: signedBytes(
      ofTopic("shamir").filter((given) => isVisible(given) || isShamirOf(given, userId)),
    ),
    realmCertificates: new Map(visible.filter(([, certificates]) => certificates.length > 0)),
  };
}

function signedBytes(given: readonly Given[]): readonly Uint8Array[] {
  return given.map(({ signed }) => signed);
}

function certificatesOf(operation: DumpOperation): Given[] {
  return Object.entries(certificateFields).flatMap(([field, topic]) => {
    const value = operation[field] ?? [];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((base64) => ({ topic, signed: bytesOf(base64), certificate: readable(bytesOf(base64)) }));
  });
}

function readable(signed: Uint8Array): AnyCertificate | undefined {
  try {
    return loadTrustedCertificate(signed).value;
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}

function realmOf({ certificate }: Given): VlobId {
  if (certificate !== undefined && "realmId" in certificate) return certificate.realmId;
  throw new Error("not a realm certificate");
}

function visibleInRealm(
  given: readonly Given[],
  userId: UserId,
  isVisible: (given: Given) => boolean,
): readonly Given[] {
  const last = given.findLast(
    ({ certificate }) => certificate?.type === "realm_role_certificate" && certificate.userId === userId,
  )?.certificate;
  const end = last?.type !== "realm_role_certificate" ? -1 : last.role === null ? last.timestamp : Infinity;
  return given.filter((one) => isVisible(one) || (one.certificate?.timestamp ?? 0) <= end);
}

function isShamirOf({ certificate }: Given, userId: UserId): boolean {
  switch (certificate?.type) {
    case "shamir_recovery_brief_certificate":
      return certificate.userId === userId || certificate.perRecipientShares.has(userId);
    case "shamir_recovery_share_certificate":
      return certificate.recipient === userId;
    case "shamir_recovery_deletion_certificate":
      return certificate.setupToDeleteUserId === userId || certificate.shareRecipients.has(userId);
    default:
      return true;
  }
}
