import { fromHex } from "@parsec/base";
import type { AnyCertificate } from "@parsec/types";
import type { CertificateFilter, CertificatesDatabase } from "../driver/port.ts";

export type CertificateType = AnyCertificate["type"];

/**
 * What a filter must equal: an id, a key index, or the filter of another certificate that is found first, such as the
 * user of a device (spec 12 §5.2).
 */
export type FilterValue =
  | string
  | number
  | { readonly filter1Of: CertificateQuery }
  | { readonly filter2Of: CertificateQuery };

/**
 * Certificates of one type, by the two filters under which spec 12 §5.1 stores them:
 * `{ type: "user_certificate", filter1: { filter2Of: { type: "device_certificate", filter1: deviceId } } }`.
 */
export interface CertificateQuery {
  readonly type: CertificateType;
  readonly filter1?: FilterValue | undefined;
  readonly filter2?: FilterValue | undefined;
}

/** The two clear columns of a certificate (spec 12 §5.1). */
export interface CertificateFilters {
  readonly filter1: Uint8Array | null;
  readonly filter2: Uint8Array | null;
}

/** What a certificate is stored under. */
export function filtersOf(certificate: AnyCertificate): CertificateFilters {
  switch (certificate.type) {
    case "user_certificate":
    case "revoked_user_certificate":
    case "user_update_certificate":
    case "shamir_recovery_brief_certificate":
      return filters(certificate.userId);
    case "device_certificate":
      return filters(certificate.deviceId, certificate.userId);
    case "realm_role_certificate":
      return filters(certificate.realmId, certificate.userId);
    case "realm_name_certificate":
    case "realm_archiving_certificate":
      return filters(certificate.realmId);
    case "realm_key_rotation_certificate":
      return filters(certificate.realmId, certificate.keyIndex);
    case "shamir_recovery_share_certificate":
      return filters(certificate.userId, certificate.recipient);
    case "shamir_recovery_deletion_certificate":
      return filters(certificate.setupToDeleteUserId);
    case "sequester_authority_certificate":
      return filters();
    case "sequester_service_certificate":
    case "sequester_revoked_service_certificate":
      return filters(certificate.serviceId);
  }
}

function filters(filter1?: string | number, filter2?: string | number): CertificateFilters {
  return { filter1: filterBytes(filter1), filter2: filterBytes(filter2) };
}

/** 16 bytes of an id, or a key index as an unsigned 64-bit little-endian number. */
function filterBytes(value: string | number | undefined): Uint8Array | null {
  if (value === undefined) return null;
  if (typeof value === "string") return fromHex(value) ?? new Uint8Array(0);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** The query with its joined filters looked up; `undefined` when one of them leads to no certificate. */
export async function resolveQuery(
  database: CertificatesDatabase,
  query: CertificateQuery,
): Promise<CertificateFilter | undefined> {
  const filter1 = await resolveFilter(database, query.filter1);
  const filter2 = await resolveFilter(database, query.filter2);
  if (filter1 === null || filter2 === null) return undefined;
  return { type: query.type, filter1, filter2 };
}

/** `undefined`: anything matches. `null`: nothing does. */
async function resolveFilter(
  database: CertificatesDatabase,
  value: FilterValue | undefined,
): Promise<Uint8Array | null | undefined> {
  if (typeof value !== "object") return value === undefined ? undefined : filterBytes(value);
  const inner = await resolveQuery(database, "filter1Of" in value ? value.filter1Of : value.filter2Of);
  if (inner === undefined) return null;
  const row = await database.last(inner);
  return ("filter1Of" in value ? row?.filter1 : row?.filter2) ?? null;
}
