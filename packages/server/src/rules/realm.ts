import type { DateTime, UserId, VlobId } from "@parsec/types";
import type { AuthorScope, OrganizationScope } from "../commands/scope.ts";
import type { RealmRoleRow, RealmRow } from "../store/port/realms.ts";
import type { LockMode } from "../store/port/topics.ts";
import { lastTimestamp } from "./timestamp.ts";

/** Locks common for reading, then the realm, and reads the realm. */
export async function lockRealm(
  { tx, organizationId }: OrganizationScope,
  realmId: VlobId,
  mode: LockMode,
): Promise<RealmRow | undefined> {
  await tx.lock(organizationId, "common", "read");
  await tx.lock(organizationId, { realm: realmId }, mode);
  return await tx.realms.find(organizationId, realmId);
}

/** The role that the author has now, null for none. */
export function authorRole({ tx, organizationId, author }: AuthorScope, realmId: VlobId) {
  return tx.realms.currentRole(organizationId, realmId, author.user.userId);
}

/** The field that several error replies share. */
export async function lastRealmTimestamp(scope: OrganizationScope, realmId: VlobId) {
  return { lastRealmCertificateTimestamp: await lastTimestamp(scope, { realm: realmId }) };
}

/** A new realm, without members yet. */
export async function insertRealm(
  { tx, organizationId }: Pick<OrganizationScope, "tx" | "organizationId">,
  realmId: VlobId,
  createdOn: DateTime,
): Promise<void> {
  await tx.realms.insert(organizationId, { realmId, keyIndex: 0, createdOn, status: "AVAILABLE", deletedOn: null });
}

/** A role certificate's effect: the role, the topic, the event. The realm's topic must be locked for writing. */
export async function giveRole(
  { tx, organizationId }: Pick<OrganizationScope, "tx" | "organizationId">,
  row: RealmRoleRow,
): Promise<void> {
  await tx.realms.addRole(organizationId, row);
  await advanceRealm({ tx, organizationId }, row.realmId, row.certifiedOn, row.userId, row.role === null);
}

/** A new certificate of a realm is there: the topic, the event. `userId`: whom it is about, else the author. */
export async function advanceRealm(
  { tx, organizationId }: Pick<OrganizationScope, "tx" | "organizationId">,
  realmId: VlobId,
  timestamp: DateTime,
  userId: UserId,
  roleRemoved = false,
): Promise<void> {
  await tx.topics.advance(organizationId, { realm: realmId }, timestamp);
  tx.emit({ type: "REALM_CERTIFICATE", organizationId, timestamp, realmId, userId, roleRemoved });
}

/** The realms of a user whose last entry is not a removal: past membership does not count (spec 08a §5.3). */
export function currentRealms(rolesOfUser: readonly Pick<RealmRoleRow, "realmId" | "role">[]): readonly VlobId[] {
  const current = new Set<VlobId>();
  for (const { realmId, role } of rolesOfUser) {
    if (role === null) current.delete(realmId);
    else current.add(realmId);
  }
  return [...current];
}
