import type { Selectable } from "kysely";
import type { KeyRotationRow, KeysBundleAccessRow, RealmQueries } from "../../port/realms.ts";
import {
  bytesOf,
  flag,
  mustHaveChanged,
  organizationKey,
  realmKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { RealmAccessTable, RealmRotationTable } from "../tables.ts";

/** The keys of realms, and who may open them. */
export function sqlRealmKeys(
  connection: SqlConnection,
  guard: WriteGuard,
): Pick<
  RealmQueries,
  | "addRotation"
  | "rotation"
  | "rotations"
  | "addAccess"
  | "latestAccess"
  | "accesses"
  | "addServiceAccess"
  | "serviceAccesses"
> {
  const { db } = connection;
  return {
    async addRotation(organizationId, row) {
      await guard.shared(organizationId);
      const changed = await db
        .updateTable("realm")
        .set({ key_index: row.keyIndex })
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("realm_id", "=", row.realmId)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "realm");
      await db
        .insertInto("realm_rotation")
        .values({
          realm: realmKey(connection, organizationId, row.realmId),
          key_index: row.keyIndex,
          keys_bundle: row.keysBundle,
          certificate: row.certificate,
          certified_by: row.certifiedBy,
          certified_on: row.certifiedOn,
        })
        .execute();
    },
    async rotation(organizationId, realmId, keyIndex) {
      const row = await db
        .selectFrom("realm_rotation")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId))
        .where("key_index", "=", keyIndex)
        .executeTakeFirst();
      return row && rotationRow(row, realmId);
    },
    async rotations(organizationId, realmId, after) {
      let query = db
        .selectFrom("realm_rotation")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId));
      if (after != null) query = query.where("certified_on", ">", after);
      return (await query.orderBy("_id").execute()).map((row) => rotationRow(row, realmId));
    },
    async addAccess(organizationId, realmId, row) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm_access")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          user_id: row.userId,
          key_index: row.keyIndex,
          access: row.access,
          given_on: row.givenOn,
          from_sharing: flag(row.fromSharing),
        })
        .execute();
    },
    async latestAccess(organizationId, realmId, userId, keyIndex) {
      const row = await db
        .selectFrom("realm_access")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId))
        .where("user_id", "=", userId)
        .where("key_index", "=", keyIndex)
        .orderBy("from_sharing", "desc")
        .orderBy("given_on", "desc")
        .orderBy("_id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row && accessRow(row);
    },
    async accesses(organizationId, realmId) {
      const rows = await db
        .selectFrom("realm_access")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId))
        .orderBy("_id")
        .execute();
      return rows.map(accessRow);
    },
    async addServiceAccess(organizationId, realmId, { serviceId, keyIndex, access }) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm_service_access")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          service_id: serviceId,
          key_index: keyIndex,
          access,
        })
        .execute();
    },
    async serviceAccesses(organizationId, realmId) {
      const rows = await db
        .selectFrom("realm_service_access")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId))
        .orderBy("_id")
        .execute();
      return rows.map((row) => ({
        serviceId: row.service_id,
        keyIndex: row.key_index,
        access: bytesOf(row.access),
      }));
    },
  };
}

function rotationRow(row: Selectable<RealmRotationTable>, realmId: KeyRotationRow["realmId"]): KeyRotationRow {
  return {
    realmId,
    keyIndex: row.key_index,
    keysBundle: bytesOf(row.keys_bundle),
    certificate: bytesOf(row.certificate),
    certifiedBy: row.certified_by,
    certifiedOn: row.certified_on,
  };
}

function accessRow(row: Selectable<RealmAccessTable>): KeysBundleAccessRow {
  return {
    userId: row.user_id,
    keyIndex: row.key_index,
    access: bytesOf(row.access),
    givenOn: row.given_on,
    fromSharing: row.from_sharing === 1,
  };
}
