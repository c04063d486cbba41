import type { OrganizationId, VlobId } from "@parsec/types";
import type { OrganizationBootstrap, OrganizationRow } from "../store/port/organizations.ts";
import type { RealmRow } from "../store/port/realms.ts";
import type { Transaction } from "../store/port/store.ts";
import { OperationError } from "./error.ts";

/** @throws OperationError `ORGANIZATION_NOT_FOUND` */
export async function organizationNamed(tx: Transaction, organizationId: OrganizationId): Promise<OrganizationRow> {
  const row = await tx.organizations.find(organizationId);
  if (row !== undefined) return row;
  throw new OperationError("ORGANIZATION_NOT_FOUND", "No organization of that name: check --organization and --db");
}

/** @throws OperationError `ORGANIZATION_NOT_BOOTSTRAPPED` */
export function bootstrapOf({ bootstrap }: OrganizationRow): OrganizationBootstrap {
  if (bootstrap !== null) return bootstrap;
  throw new OperationError("ORGANIZATION_NOT_BOOTSTRAPPED", "Nobody has used the organization's bootstrap link yet");
}

/** @throws OperationError `REALM_NOT_FOUND`, `REALM_DELETED` */
export async function existingRealm(
  tx: Transaction,
  organizationId: OrganizationId,
  realmId: VlobId,
): Promise<RealmRow> {
  const row = await tx.realms.find(organizationId, realmId);
  if (row === undefined) throw new OperationError("REALM_NOT_FOUND", "The organization has no realm of that id");
  if (row.status === "DELETED") throw new OperationError("REALM_DELETED", "The realm was deleted before");
  return row;
}
