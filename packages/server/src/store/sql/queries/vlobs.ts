import { BugError } from "@parsec/base";
import type { OrganizationId, VlobId } from "@parsec/types";
import { type Selectable, sql } from "kysely";
import { type VlobQueries, type VlobRow, within } from "../../port/vlobs.ts";
import {
  bytesOf,
  idValue,
  integerValue,
  organizationKey,
  padded,
  realmKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { VlobTable } from "../tables.ts";

export function sqlVlobs(connection: SqlConnection, guard: WriteGuard): VlobQueries {
  const { db } = connection;
  const vlobs = (organizationId: OrganizationId, realmId: VlobId) =>
    db.selectFrom("vlob").where("vlob.realm", "=", realmKey(connection, organizationId, realmId));
  return {
    async insert(organizationId, realmId, row) {
      await guard.shared(organizationId);
      // The realm's row is ours from here to the commit: checkpoints are given in the order of commits.
      const realm = await db
        .updateTable("realm")
        .set((is) => ({
          checkpoint: is("checkpoint", "+", 1),
          vlob_bytes: is("vlob_bytes", "+", row.blob.length),
          newest_vlob_on: is
            .case()
            .when("newest_vlob_on", ">", row.timestamp)
            .then(is.ref("newest_vlob_on"))
            // A value as it is would become part of the text, which is prepared anew each time.
            .else(is.val(row.timestamp))
            .end(),
        }))
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("realm_id", "=", realmId)
        .returning(["_id", "checkpoint"])
        .executeTakeFirst();
      if (realm === undefined) throw new BugError("A query refers to a realm that does not exist");
      await db
        .insertInto("vlob")
        .values({
          realm: realm._id,
          checkpoint: realm.checkpoint,
          vlob_id: row.vlobId,
          version: row.version,
          key_index: row.keyIndex,
          size: row.blob.length,
          author: row.author,
          created_on: row.timestamp,
          blob: row.blob,
        })
        .execute();
    },
    async lastVersion(organizationId, realmId, vlobId) {
      const row = await vlobs(organizationId, realmId)
        .select("version")
        .where("vlob_id", "=", vlobId)
        .orderBy("version", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.version ?? 0;
    },
    async latest(organizationId, realmId, asked, at) {
      if (asked.length === 0) return [];
      const wanted = sql<{ column1: VlobId }>`(values ${sql.join(
        padded([...new Set(asked)]).map((vlobId) => sql`(${idValue(connection, vlobId)})`),
      )})`;
      // The version of each vlob by one step of the index, however many it has.
      const rows = await vlobs(organizationId, realmId)
        .innerJoin(wanted.as("wanted"), "wanted.column1", "vlob.vlob_id")
        .selectAll("vlob")
        .where("version", "=", (inner) => {
          const versions = inner
            .selectFrom("vlob as other")
            .select("other.version")
            .where("other.realm", "=", realmKey(connection, organizationId, realmId))
            .whereRef("other.vlob_id", "=", "wanted.column1");
          const early = at === null ? versions : versions.where("other.created_on", "<=", at);
          return early.orderBy("other.version", "desc").limit(1);
        })
        .execute();
      const found = new Map(rows.map((row) => [row.vlob_id, vlobRow(row)]));
      return asked.map((vlobId) => found.get(vlobId)).filter((row) => row !== undefined);
    },
    async versions(organizationId, realmId, items) {
      if (items.length === 0) return [];
      const wanted = sql<{ column1: VlobId; column2: number }>`(values ${sql.join(
        padded(items).map(
          ([vlobId, version]) => sql`(${idValue(connection, vlobId)}, ${integerValue(connection, version)})`,
        ),
      )})`;
      const rows = await vlobs(organizationId, realmId)
        .innerJoin(wanted.as("wanted"), (join) =>
          join.onRef("wanted.column1", "=", "vlob.vlob_id").onRef("wanted.column2", "=", "vlob.version"),
        )
        .selectAll("vlob")
        .execute();
      const key = (vlobId: VlobId, version: number) => `${vlobId} ${version}`;
      const found = new Map(rows.map((row) => [key(row.vlob_id, row.version), vlobRow(row)]));
      return items.map(([vlobId, version]) => found.get(key(vlobId, version))).filter((row) => row !== undefined);
    },
    async changesAfter(organizationId, realmId, checkpoint) {
      const rows = await vlobs(organizationId, realmId)
        .select(({ fn }) => ["vlob_id", fn.max<number>("version").as("version")])
        .where("checkpoint", ">", checkpoint)
        .groupBy("vlob_id")
        .orderBy(({ fn }) => fn.min("checkpoint"))
        .execute();
      const realm = await db
        .selectFrom("realm")
        .select("checkpoint")
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("realm_id", "=", realmId)
        .executeTakeFirst();
      return {
        changes: rows.map(({ vlob_id, version }) => [vlob_id, version] as const),
        current: realm?.checkpoint ?? 0,
      };
    },
    async newestTimestamp(organizationId, realmId) {
      const row = await db
        .selectFrom("realm")
        .select("newest_vlob_on")
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("realm_id", "=", realmId)
        .executeTakeFirst();
      return row?.newest_vlob_on ?? undefined;
    },
    async page(organizationId, realmId, { after, limit, bytes }) {
      // Sizes first: how many rows fit is known before any blob is read.
      const places = await vlobs(organizationId, realmId)
        .select(["checkpoint", "size"])
        .where("checkpoint", ">", after)
        .orderBy("checkpoint")
        .limit(limit)
        .execute();
      const last = within(places, bytes).at(-1);
      if (last === undefined) return [];
      const rows = await vlobs(organizationId, realmId)
        .selectAll()
        .where("checkpoint", ">", after)
        .where("checkpoint", "<=", last.checkpoint)
        .orderBy("checkpoint")
        .execute();
      return rows.map((row) => ({ ...vlobRow(row), checkpoint: row.checkpoint }));
    },
    async list(organizationId, realmId) {
      const rows = await vlobs(organizationId, realmId).selectAll().orderBy("checkpoint").execute();
      return rows.map(vlobRow);
    },
    async totalSize(organizationId, realmId, at) {
      if (at === undefined) {
        const row = await db
          .selectFrom("realm")
          .select("vlob_bytes")
          .where("organization", "=", organizationKey(connection, organizationId))
          .where("realm_id", "=", realmId)
          .executeTakeFirst();
        return row?.vlob_bytes ?? 0;
      }
      const { bytes } = await vlobs(organizationId, realmId)
        .select(({ fn }) => fn.sum<number | null>("size").as("bytes"))
        .where("created_on", "<=", at)
        .executeTakeFirstOrThrow();
      return bytes ?? 0;
    },
  };
}

function vlobRow(row: Selectable<VlobTable>): VlobRow {
  return {
    vlobId: row.vlob_id,
    version: row.version,
    keyIndex: row.key_index,
    blob: bytesOf(row.blob),
    author: row.author,
    timestamp: row.created_on,
  };
}
