import type { OrganizationId, VlobId } from "@parsec/types";
import type { Selectable, Updateable } from "kysely";
import type { RealmQueries, RealmRoleRow, RealmRow } from "../../port/realms.ts";
import {
  bytesOf,
  mustHaveChanged,
  organizationKey,
  realmKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { RealmRoleTable, RealmTable } from "../tables.ts";
import { sqlRealmKeys } from "./realm-keys.ts";
import { sqlRealmTexts } from "./realm-texts.ts";

export function sqlRealms(connection: SqlConnection, guard: WriteGuard): RealmQueries {
  const { db } = connection;
  const realms = (organizationId: OrganizationId) =>
    db.selectFrom("realm").selectAll().where("organization", "=", organizationKey(connection, organizationId));
  const update = async (organizationId: OrganizationId, realmId: VlobId, changes: Updateable<RealmTable>) => {
    await guard.shared(organizationId);
    const result = await db
      .updateTable("realm")
      .set(changes)
      .where("organization", "=", organizationKey(connection, organizationId))
      .where("realm_id", "=", realmId)
      .executeTakeFirstOrThrow();
    mustHaveChanged(result, "realm");
  };
  const roles = (organizationId: OrganizationId, realmId: VlobId) =>
    db.selectFrom("realm_role").where("realm", "=", realmKey(connection, organizationId, realmId));
  return {
    ...sqlRealmTexts(connection, guard),
    ...sqlRealmKeys(connection, guard),
    async find(organizationId, realmId) {
      const row = await realms(organizationId).where("realm_id", "=", realmId).executeTakeFirst();
      return row && realmRow(row);
    },
    async list(organizationId) {
      return (await realms(organizationId).orderBy("_id").execute()).map(realmRow);
    },
    async insert(organizationId, row) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm")
        .values({
          organization: organizationKey(connection, organizationId),
          realm_id: row.realmId,
          key_index: row.keyIndex,
          created_on: row.createdOn,
          status: row.status,
          deleted_on: row.deletedOn,
          ...empty,
        })
        .execute();
    },
    async setStatus(organizationId, realmId, status) {
      await update(organizationId, realmId, { status });
    },

    async addRole(organizationId, row) {
      await guard.shared(organizationId);
      await db
        .insertInto("realm_role")
        .values({
          organization: organizationKey(connection, organizationId),
          realm: realmKey(connection, organizationId, row.realmId),
          user_id: row.userId,
          role: row.role,
          certificate: row.certificate,
          certified_by: row.certifiedBy,
          certified_on: row.certifiedOn,
        })
        .execute();
    },
    async currentRole(organizationId, realmId, userId) {
      const row = await roles(organizationId, realmId)
        .select("role")
        .where("user_id", "=", userId)
        .orderBy("_id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.role ?? null;
    },
    async currentRoles(organizationId, realmId) {
      const rows = await roles(organizationId, realmId)
        .select(["user_id", "role"])
        .where(
          "_id",
          "in",
          roles(organizationId, realmId)
            .select(({ fn }) => fn.max<number>("_id").as("last"))
            .groupBy("user_id"),
        )
        .orderBy("_id")
        .execute();
      return new Map(rows.flatMap(({ user_id, role }) => (role === null ? [] : [[user_id, role] as const])));
    },
    async roles(organizationId, realmId, after) {
      let query = roles(organizationId, realmId);
      if (after != null) query = query.where("certified_on", ">", after);
      const rows = await query.selectAll().orderBy("_id").execute();
      return rows.map((row) => roleRow(row, realmId));
    },
    async rolesOfUser(organizationId, userId) {
      const rows = await db
        .selectFrom("realm_role")
        .innerJoin("realm", "realm._id", "realm_role.realm")
        .selectAll("realm_role")
        .select("realm.realm_id")
        .where("realm_role.organization", "=", organizationKey(connection, organizationId))
        .where("realm_role.user_id", "=", userId)
        .orderBy("realm_role.realm")
        .orderBy("realm_role._id")
        .execute();
      return rows.map((row) => roleRow(row, row.realm_id));
    },
    async totalSizes(organizationId) {
      const { vlobs, blocks } = await db
        .selectFrom("realm")
        .select(({ fn }) => [
          fn.sum<number | null>("vlob_bytes").as("vlobs"),
          fn.sum<number | null>("block_bytes").as("blocks"),
        ])
        .where("organization", "=", organizationKey(connection, organizationId))
        .executeTakeFirstOrThrow();
      return { vlobs: vlobs ?? 0, blocks: blocks ?? 0 };
    },

    async erase(organizationId, realmId, on) {
      await update(organizationId, realmId, { status: "DELETED", deleted_on: on, ...empty });
      const realm = realmKey(connection, organizationId, realmId);
      await db
        .updateTable("realm_rotation")
        .set({ keys_bundle: new Uint8Array() })
        .where("realm", "=", realm)
        .execute();
      for (const table of ["realm_access", "realm_service_access", "vlob", "block"] as const) {
        await db.deleteFrom(table).where("realm", "=", realm).execute();
      }
    },
  };
}

const empty = { checkpoint: 0, newest_vlob_on: null, vlob_bytes: 0, block_bytes: 0 };

function realmRow(row: Selectable<RealmTable>): RealmRow {
  return {
    realmId: row.realm_id,
    keyIndex: row.key_index,
    createdOn: row.created_on,
    status: row.status,
    deletedOn: row.deleted_on,
  };
}

function roleRow(row: Selectable<RealmRoleTable>, realmId: VlobId): RealmRoleRow {
  return {
    realmId,
    userId: row.user_id,
    role: row.role,
    certificate: bytesOf(row.certificate),
    certifiedBy: row.certified_by,
    certifiedOn: row.certified_on,
  };
}
