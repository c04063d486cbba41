import type { OrganizationId, VlobId } from "@parsec/types";
import type { Selectable } from "kysely";
import type { BlockQueries, BlockRow } from "../../port/vlobs.ts";
import {
  mustHaveChanged,
  nullableBytesOf,
  organizationKey,
  realmKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { BlockTable } from "../tables.ts";

export function sqlBlocks(connection: SqlConnection, guard: WriteGuard): BlockQueries {
  const { db } = connection;
  const blocks = (organizationId: OrganizationId, realmId: VlobId) =>
    db.selectFrom("block").where("realm", "=", realmKey(connection, organizationId, realmId));
  return {
    async find(organizationId, realmId, blockId) {
      const row = await blocks(organizationId, realmId).selectAll().where("block_id", "=", blockId).executeTakeFirst();
      return row && blockRow(row);
    },
    async realmsWith(organizationId, blockId) {
      const rows = await db
        .selectFrom("block")
        .innerJoin("realm", "realm._id", "block.realm")
        .select("realm.realm_id")
        .where("block.block_id", "=", blockId)
        .where("realm.organization", "=", organizationKey(connection, organizationId))
        .orderBy("realm.realm_id")
        .execute();
      return rows.map(({ realm_id }) => realm_id);
    },
    async insert(organizationId, realmId, row) {
      await guard.shared(organizationId);
      await db
        .insertInto("block")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          block_id: row.blockId,
          author: row.author,
          size: row.size,
          digest: row.digest,
          key_index: row.keyIndex,
          created_on: row.createdOn,
        })
        .execute();
      const changed = await db
        .updateTable("realm")
        .set((is) => ({ block_bytes: is("block_bytes", "+", row.size) }))
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("realm_id", "=", realmId)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "realm");
    },
    async page(organizationId, realmId, { after, limit }) {
      const all = blocks(organizationId, realmId).selectAll().orderBy("_id").limit(limit);
      if (after === null) return (await all.execute()).map(blockRow);
      const place = blocks(organizationId, realmId).select("_id").where("block_id", "=", after);
      return (await all.where("_id", ">", place).execute()).map(blockRow);
    },
    async count(organizationId, realmId) {
      const { blockCount } = await blocks(organizationId, realmId)
        .select(({ fn }) => fn.countAll<number>().as("blockCount"))
        .executeTakeFirstOrThrow();
      return blockCount;
    },
    async list(organizationId, realmId) {
      return (await blocks(organizationId, realmId).selectAll().orderBy("_id").execute()).map(blockRow);
    },
    async totalSize(organizationId, realmId, at) {
      if (at === undefined) {
        const row = await db
          .selectFrom("realm")
          .select("block_bytes")
          .where("organization", "=", organizationKey(connection, organizationId))
          .where("realm_id", "=", realmId)
          .executeTakeFirst();
        return row?.block_bytes ?? 0;
      }
      const { bytes } = await blocks(organizationId, realmId)
        .select(({ fn }) => fn.sum<number | null>("size").as("bytes"))
        .where("created_on", "<=", at)
        .executeTakeFirstOrThrow();
      return bytes ?? 0;
    },
  };
}

function blockRow(row: Selectable<BlockTable>): BlockRow {
  return {
    blockId: row.block_id,
    author: row.author,
    size: row.size,
    digest: nullableBytesOf(row.digest),
    keyIndex: row.key_index,
    createdOn: row.created_on,
  };
}
