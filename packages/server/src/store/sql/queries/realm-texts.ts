import { BugError } from "@parsec/base";
import type { RealmArchivingConfiguration } from "@parsec/types";
import type { Selectable } from "kysely";
import type { RealmArchivingRow, RealmQueries } from "../../port/realms.ts";
import { bytesOf, realmKey, type SqlConnection, type WriteGuard } from "../database.ts";
import type { RealmArchivingTable } from "../tables.ts";

/** The names of realms, and whether they are archived. */
export function sqlRealmTexts(
  connection: SqlConnection,
  guard: WriteGuard,
): Pick<RealmQueries, "addName" | "names" | "addArchiving" | "archivings"> {
  const { db } = connection;
  return {
    async addName(organizationId, { realmId, certificate, certifiedBy, certifiedOn }) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm_name")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          certificate,
          certified_by: certifiedBy,
          certified_on: certifiedOn,
        })
        .execute();
    },
    async names(organizationId, realmId, after) {
      let query = db
        .selectFrom("realm_name")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId));
      if (after != null) query = query.where("certified_on", ">", after);
      return (await query.orderBy("_id").execute()).map((row) => ({
        realmId,
        certificate: bytesOf(row.certificate),
        certifiedBy: row.certified_by,
        certifiedOn: row.certified_on,
      }));
    },
    async addArchiving(organizationId, { realmId, configuration, certificate, certifiedBy, certifiedOn }) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm_archiving")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          ...configurationColumns(configuration),
          certificate,
          certified_by: certifiedBy,
          certified_on: certifiedOn,
        })
        .execute();
    },
    async archivings(organizationId, realmId, after) {
      let query = db
        .selectFrom("realm_archiving")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId));
      if (after != null) query = query.where("certified_on", ">", after);
      return (await query.orderBy("_id").execute()).map(
        (row): RealmArchivingRow => ({
          realmId,
          configuration: configurationOf(row),
          certificate: bytesOf(row.certificate),
          certifiedBy: row.certified_by,
          certifiedOn: row.certified_on,
        }),
      );
    },
  };
}

function configurationColumns(configuration: RealmArchivingConfiguration) {
  return {
    configuration: configuration.type,
    deletion_date: configuration.type === "DELETION_PLANNED" ? configuration.deletionDate : null,
  };
}

function configurationOf(row: Selectable<RealmArchivingTable>): RealmArchivingConfiguration {
  if (row.configuration !== "DELETION_PLANNED") return { type: row.configuration };
  if (row.deletion_date === null) throw new BugError("A planned deletion has no date");
  return { type: "DELETION_PLANNED", deletionDate: row.deletion_date };
}
