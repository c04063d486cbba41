import { BugError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { Insertable, Selectable, Updateable } from "kysely";
import type {
  OrganizationBootstrap,
  OrganizationQueries,
  OrganizationRow,
  OrganizationSettings,
  Tos,
} from "../../port/organizations.ts";
import { bytesOf, flag, mustHaveChanged, type SqlConnection, type WriteGuard } from "../database.ts";
import type { OrganizationTable } from "../tables.ts";

export function sqlOrganizations({ db }: SqlConnection, guard: WriteGuard): OrganizationQueries {
  const update = async (organizationId: OrganizationId, changes: Updateable<OrganizationTable>) => {
    await guard.exclusive(organizationId);
    const result = await db
      .updateTable("organization")
      .set(changes)
      .where("organization_id", "=", organizationId)
      .executeTakeFirstOrThrow();
    mustHaveChanged(result, "organization");
  };
  return {
    async find(organizationId) {
      const row = await db
        .selectFrom("organization")
        .selectAll()
        .where("organization_id", "=", organizationId)
        .executeTakeFirst();
      return row && organizationRow(row);
    },
    async list() {
      const rows = (await db.selectFrom("organization").selectAll().execute()).map(organizationRow);
      return rows.sort((a, b) => (a.organizationId < b.organizationId ? -1 : 1));
    },
    async put(row) {
      await guard.exclusive(row.organizationId);
      // What the former state held goes with it.
      await db.deleteFrom("organization").where("organization_id", "=", row.organizationId).execute();
      await db.insertInto("organization").values(columnsOf(row)).execute();
    },
    async setBootstrap(organizationId, bootstrap) {
      await update(organizationId, bootstrapColumns(bootstrap));
    },
    async configure(organizationId, settings) {
      if (Object.keys(settings).length > 0) await update(organizationId, settingColumns(settings));
    },
    async forgetSpontaneous(keep) {
      const spontaneous = db
        .selectFrom("organization")
        .select(["_id", "organization_id"])
        .where("bootstrap_token", "is", null)
        .where("root_verify_key", "is", null)
        .where("is_expired", "=", 0);
      const kept = spontaneous
        .clearSelect()
        .select("_id")
        .orderBy("created_on", "desc")
        .orderBy("_id", "desc")
        .limit(keep);
      for (const { _id, organization_id } of await spontaneous.where("_id", "not in", kept).execute()) {
        // One that somebody works in, to bootstrap it perhaps, stays: the next time will do.
        if (!(await guard.tryExclusive(organization_id))) continue;
        await db.deleteFrom("organization").where("_id", "=", _id).where("root_verify_key", "is", null).execute();
      }
    },
    async remove(organizationId) {
      await guard.exclusive(organizationId);
      await db.deleteFrom("organization").where("organization_id", "=", organizationId).execute();
    },
  };
}

export function organizationRow(row: Selectable<OrganizationTable>): OrganizationRow {
  return {
    organizationId: row.organization_id,
    createdOn: row.created_on,
    bootstrapToken: row.bootstrap_token,
    bootstrap: bootstrapOf(row),
    isExpired: row.is_expired === 1,
    activeUsersLimit: row.active_users_limit,
    userProfileOutsiderAllowed: row.user_profile_outsider_allowed === 1,
    realmMinimumArchivingPeriodBeforeDeletion: row.minimum_archiving_period,
    tos: tosOf(row),
    allowedClientAgent: row.allowed_client_agent,
  };
}

function bootstrapOf(row: Selectable<OrganizationTable>): OrganizationBootstrap | null {
  const { bootstrapped_on: on, root_verify_key: rootVerifyKey } = row;
  if (on === null || rootVerifyKey === null) return null;
  const [certificate, verifyKeyDer] = [row.sequester_authority_certificate, row.sequester_authority_verify_key_der];
  const sequesterAuthority =
    certificate === null || verifyKeyDer === null
      ? null
      : { certificate: bytesOf(certificate), verifyKeyDer: bytesOf(verifyKeyDer) };
  return { on, rootVerifyKey: bytesOf(rootVerifyKey), sequesterAuthority };
}

function tosOf({ tos_updated_on: updatedOn, tos_urls: urls }: Selectable<OrganizationTable>): Tos | null {
  if (updatedOn === null || urls === null) return null;
  const parsed: unknown = JSON.parse(urls);
  if (typeof parsed !== "object" || parsed === null) throw new BugError("A column holds no JSON object");
  const perLocaleUrls = new Map(Object.entries(parsed).map(([locale, url]) => [locale, String(url)]));
  return { perLocaleUrls, updatedOn };
}

function columnsOf(row: OrganizationRow): Insertable<OrganizationTable> {
  return {
    organization_id: row.organizationId,
    created_on: row.createdOn,
    bootstrap_token: row.bootstrapToken,
    ...(row.bootstrap === null
      ? {
          bootstrapped_on: null,
          root_verify_key: null,
          sequester_authority_certificate: null,
          sequester_authority_verify_key_der: null,
        }
      : bootstrapColumns(row.bootstrap)),
    is_expired: flag(row.isExpired),
    active_users_limit: row.activeUsersLimit,
    user_profile_outsider_allowed: flag(row.userProfileOutsiderAllowed),
    minimum_archiving_period: row.realmMinimumArchivingPeriodBeforeDeletion,
    ...tosColumns(row.tos),
    allowed_client_agent: row.allowedClientAgent,
  };
}

function bootstrapColumns({ on, rootVerifyKey, sequesterAuthority }: OrganizationBootstrap) {
  return {
    bootstrapped_on: on,
    root_verify_key: rootVerifyKey,
    sequester_authority_certificate: sequesterAuthority?.certificate ?? null,
    sequester_authority_verify_key_der: sequesterAuthority?.verifyKeyDer ?? null,
  };
}

function tosColumns(tos: Tos | null) {
  if (tos === null) return { tos_updated_on: null, tos_urls: null };
  return { tos_updated_on: tos.updatedOn, tos_urls: JSON.stringify(Object.fromEntries(tos.perLocaleUrls)) };
}

function settingColumns(settings: Partial<OrganizationSettings>): Updateable<OrganizationTable> {
  const { isExpired, activeUsersLimit, userProfileOutsiderAllowed, tos, allowedClientAgent } = settings;
  const period = settings.realmMinimumArchivingPeriodBeforeDeletion;
  return {
    ...(isExpired === undefined ? {} : { is_expired: flag(isExpired) }),
    ...(activeUsersLimit === undefined ? {} : { active_users_limit: activeUsersLimit }),
    ...(userProfileOutsiderAllowed === undefined
      ? {}
      : { user_profile_outsider_allowed: flag(userProfileOutsiderAllowed) }),
    ...(period === undefined ? {} : { minimum_archiving_period: period }),
    ...(tos === undefined ? {} : tosColumns(tos)),
    ...(allowedClientAgent === undefined ? {} : { allowed_client_agent: allowedClientAgent }),
  };
}
