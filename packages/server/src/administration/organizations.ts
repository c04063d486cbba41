import { AccessToken, type OrganizationId } from "@parsec/types";
import { initialSettings } from "../config.ts";
import type { ServerContext } from "../context.ts";
import type { OrganizationRow, OrganizationSettings } from "../store/port/organizations.ts";
import type { Transaction } from "../store/port/store.ts";
import { AdministrationError } from "./error.ts";

/** What an administrator may say of an organization. Absent: the server's initial value, or unchanged. */
export interface OrganizationChanges extends Partial<Omit<OrganizationSettings, "tos">> {
  /** Locale to URL; null for none. */
  readonly tos?: ReadonlyMap<string, string> | null;
}

/**
 * Creates an organization, or starts again one that is not bootstrapped: the token that bootstraps it.
 * @throws AdministrationError when it is bootstrapped already
 */
export async function createOrganization(
  server: ServerContext,
  organizationId: OrganizationId,
  changes: OrganizationChanges = {},
): Promise<AccessToken> {
  const bootstrapToken = AccessToken.generate();
  await server.store.transaction(async (tx) => {
    const existing = await tx.organizations.find(organizationId);
    if (existing !== undefined && existing.bootstrap !== null) {
      throw new AdministrationError(400, "Organization already exists");
    }
    const createdOn = server.now();
    const settings = { ...initialSettings(server.config, createdOn), ...settingsOf(changes, server) };
    await tx.organizations.put({ organizationId, createdOn, bootstrapToken, bootstrap: null, ...settings });
    return { end: "commit", value: undefined };
  });
  return bootstrapToken;
}

/** Changes settings, and closes the streams that must be. @throws AdministrationError */
export async function updateOrganization(
  server: ServerContext,
  organizationId: OrganizationId,
  changes: OrganizationChanges,
): Promise<void> {
  await server.store.transaction(async (tx) => {
    await existingOrganization(tx, organizationId);
    await configureOrganization(tx, organizationId, settingsOf(changes, server));
    return { end: "commit", value: undefined };
  });
}

/** Stores settings and emits what follows from them (spec 08c §1.2). */
export async function configureOrganization(
  tx: Transaction,
  organizationId: OrganizationId,
  settings: Partial<OrganizationSettings>,
): Promise<void> {
  if (Object.keys(settings).length === 0) return;
  await tx.organizations.configure(organizationId, settings);
  const updated = await tx.organizations.find(organizationId);
  if (updated?.isExpired === true) tx.emit({ type: "ORGANIZATION_EXPIRED", organizationId });
  if (settings.tos !== undefined) tx.emit({ type: "ORGANIZATION_TOS_UPDATED", organizationId });
}

function settingsOf({ tos, ...others }: OrganizationChanges, server: ServerContext): Partial<OrganizationSettings> {
  if (tos === undefined) return others;
  return { ...others, tos: tos === null ? null : { perLocaleUrls: tos, updatedOn: server.now() } };
}

/** @throws AdministrationError when there is no such organization */
export async function existingOrganization(tx: Transaction, organizationId: OrganizationId): Promise<OrganizationRow> {
  const organization = await tx.organizations.find(organizationId);
  if (organization === undefined) throw new AdministrationError(404, "Organization not found");
  return organization;
}
