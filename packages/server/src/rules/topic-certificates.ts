import type { DateTime, OrganizationId, VlobId } from "@parsec/types";
import type { OrganizationRow } from "../store/port/organizations.ts";
import type { Transaction } from "../store/port/store.ts";

/** A certificate of a topic. `priority` orders those of the same date: a user comes before its first device. */
export interface DatedCertificate {
  readonly timestamp: DateTime;
  readonly priority?: number;
  readonly certificate: Uint8Array;
}

/** In the order in which clients take them (spec 08a §5.1). */
export function inTopicOrder(certificates: readonly DatedCertificate[]): readonly DatedCertificate[] {
  return [...certificates].sort((a, b) => a.timestamp - b.timestamp || (a.priority ?? 0) - (b.priority ?? 0));
}

/** Users and devices, in redacted form or not, and what became of them; with `since`, at least those after that date. */
export async function commonCertificates(
  tx: Transaction,
  organizationId: OrganizationId,
  { since = null, redacted }: { readonly since?: DateTime | null; readonly redacted: boolean },
): Promise<readonly DatedCertificate[]> {
  const users = await tx.users.list(organizationId, since);
  const devices = await tx.users.devices(organizationId, since);
  const updates = await tx.users.profileUpdates(organizationId, since);
  const shown = (row: { readonly certificate: Uint8Array; readonly redactedCertificate: Uint8Array }) =>
    redacted ? row.redactedCertificate : row.certificate;
  return [
    ...users.map((row) => ({ timestamp: row.createdOn, priority: 0, certificate: shown(row) })),
    ...devices.map((row) => ({ timestamp: row.createdOn, priority: 1, certificate: shown(row) })),
    ...updates.map((row) => ({ timestamp: row.certifiedOn, priority: 1, certificate: row.certificate })),
    ...users.flatMap(({ revocation }) =>
      revocation === null ? [] : [{ timestamp: revocation.on, priority: 1, certificate: revocation.certificate }],
    ),
  ];
}

/** None in an organization without sequester. */
export async function sequesterCertificates(
  tx: Transaction,
  { organizationId, bootstrap }: OrganizationRow,
): Promise<readonly DatedCertificate[]> {
  if (bootstrap === null || bootstrap.sequesterAuthority === null) return [];
  const services = await tx.sequester.list(organizationId);
  return [
    { timestamp: bootstrap.on, certificate: bootstrap.sequesterAuthority.certificate },
    ...services.map((row) => ({ timestamp: row.createdOn, certificate: row.certificate })),
    ...services.flatMap(({ revocation }) =>
      revocation === null ? [] : [{ timestamp: revocation.on, certificate: revocation.certificate }],
    ),
  ];
}

/** With `since`, only those after that date. */
export async function realmCertificates(
  tx: Transaction,
  organizationId: OrganizationId,
  realmId: VlobId,
  since: DateTime | null = null,
): Promise<readonly DatedCertificate[]> {
  const rows = [
    ...(await tx.realms.roles(organizationId, realmId, since)),
    ...(await tx.realms.rotations(organizationId, realmId, since)),
    ...(await tx.realms.names(organizationId, realmId, since)),
    ...(await tx.realms.archivings(organizationId, realmId, since)),
  ];
  return rows.map((row) => ({ timestamp: row.certifiedOn, certificate: row.certificate }));
}
