import type { DateTime, OrganizationId, VlobId } from "@parsec/types";
import type { RealmRow } from "../store/port/realms.ts";
import type { Store, Transaction } from "../store/port/store.ts";
import { OperationError } from "./error.ts";
import { organizationNamed } from "./realm.ts";

/** Why an operator may delete a realm (spec 08c §4.2). */
export type DeletableRealm =
  | { readonly realmId: VlobId; readonly kind: "deletion_planned"; readonly deletionDate: DateTime }
  | { readonly realmId: VlobId; readonly kind: "orphaned"; readonly orphanedSince: DateTime };

/** The realms that may be deleted now, in order of creation; one may be there for both reasons. @throws OperationError */
export async function deletableRealms(
  store: Store,
  organizationId: OrganizationId,
  now: DateTime,
): Promise<readonly DeletableRealm[]> {
  return await store.transaction(async (tx) => {
    await organizationNamed(tx, organizationId);
    const found: DeletableRealm[] = [];
    for (const realm of await tx.realms.list(organizationId)) {
      const { realmId, status } = realm;
      if (status === "DELETED") continue;
      const deletionDate = await plannedDeletion(tx, organizationId, realm);
      if (deletionDate !== null && deletionDate <= now) found.push({ realmId, kind: "deletion_planned", deletionDate });
      const orphanedSince = await orphanhood(tx, organizationId, realmId);
      if (orphanedSince !== null && orphanedSince !== "no_member") {
        found.push({ realmId, kind: "orphaned", orphanedSince });
      }
    }
    return { end: "rollback", value: found };
  });
}

/** @throws OperationError `REALM_NOT_DELETABLE`, `DELETION_DATE_NOT_REACHED` */
export async function mustBeDeletable(
  tx: Transaction,
  organizationId: OrganizationId,
  realm: RealmRow,
  now: DateTime,
): Promise<void> {
  if ((await orphanhood(tx, organizationId, realm.realmId)) !== null) return;
  const deletionDate = await plannedDeletion(tx, organizationId, realm);
  if (deletionDate === null) {
    const message = "The realm has members, and none of its owners has planned its deletion: ask one of them";
    throw new OperationError("REALM_NOT_DELETABLE", message);
  }
  if (deletionDate > now) {
    throw new OperationError("DELETION_DATE_NOT_REACHED", "The deletion of the realm is planned for later");
  }
}

async function plannedDeletion(
  tx: Transaction,
  organizationId: OrganizationId,
  { realmId, status }: RealmRow,
): Promise<DateTime | null> {
  if (status !== "ARCHIVED_OR_DELETION_PLANNED") return null;
  const last = (await tx.realms.archivings(organizationId, realmId)).at(-1)?.configuration;
  return last?.type === "DELETION_PLANNED" ? last.deletionDate : null;
}

/** Since when nobody is left who could open it, as all members are revoked; null while somebody is. */
async function orphanhood(
  tx: Transaction,
  organizationId: OrganizationId,
  realmId: VlobId,
): Promise<DateTime | "no_member" | null> {
  let since: DateTime | undefined;
  for (const userId of (await tx.realms.currentRoles(organizationId, realmId)).keys()) {
    const revocation = (await tx.users.find(organizationId, userId))?.revocation;
    if (revocation === undefined || revocation === null) return null;
    if (since === undefined || revocation.on > since) since = revocation.on;
  }
  return since ?? "no_member";
}
