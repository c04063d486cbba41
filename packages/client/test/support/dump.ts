import { readFileSync } from "node:fs";
import { fromBase64, ParsecError } from "@parsec/base";
import { VerifyKey } from "@parsec/crypto";
import {
  type AnyCertificate,
  loadTrustedCertificate,
  UserId,
  type VlobId,
} from "@parsec/types";
import type { CertificateBatch } from "../../src/certificates/ingest.ts";

// What a server would give of an organization dump (spec 13), without any server.

const vectors = new URL("../../../../test/vectors/", import.meta.url);

export function readVector<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, vectors), "utf8")) as T;
}

export interface DumpOperation {
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface DumpUser {
  readonly user_id: string;
  readonly human_handle: { readonly email: string; readonly label: string };
  readonly initial_profile: string;
  readonly private_key: string;
  readonly user_realm_id: string;
  readonly user_realm_key: string;
}

export interface DumpDevice {
  readonly device_id: string;
  readonly user_id: string;
  readonly device_label: string;
  readonly signing_key: string;
  readonly local_symkey: string;
  readonly password: string;
}

export interface Dump {
  readonly operations: readonly DumpOperation[];
  readonly keys: {
    readonly root_verify_key: string;
    readonly users: readonly DumpUser[];
    readonly devices: readonly DumpDevice[];
  };
  readonly expected: unknown;
}

export function readDump(name: string): Dump {
  return readVector<Dump>(`organizations/${name}`);
}

export function rootVerifyKey(dump: Dump): VerifyKey {
  return VerifyKey.fromBytes(bytes(dump.keys.root_verify_key));
}

export function userIdOf(dump: Dump, label: string): UserId {
  const user = dump.keys.users.find(({ human_handle }) => human_handle.label.startsWith(label));
  const id = user === undefined ? undefined : UserId.parse(user.user_id);
  if (id === undefined) throw new Error(`no user ${label}`);
  return id;
}

export function bytes(base64: unknown): Uint8Array<ArrayBuffer> {
  const value = typeof base64 === "string" ? fromBase64(base64) : undefined;
  if (value === undefined) throw new Error("not base64");
  return value;
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
    shamirRecoveryCertificates: signedBytes(ofTopic("shamir").filter((given) => isVisible(given) || isShamirOf(given, userId))),
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
    return values.map((base64) => ({ topic, signed: bytes(base64), certificate: readable(bytes(base64)) }));
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
