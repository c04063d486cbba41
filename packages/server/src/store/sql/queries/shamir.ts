import type { DateTime, OrganizationId, UserId } from "@parsec/types";
import type { Selectable } from "kysely";
import type { ShamirQueries, ShamirSetupRow, ShamirShareRow } from "../../port/shamir.ts";
import {
  bytesOf,
  mustHaveChanged,
  nullableBytesOf,
  organizationKey,
  type SqlConnection,
  type WriteGuard,
} from "../database.ts";
import type { ShamirSetupTable } from "../tables.ts";

export function sqlShamir(connection: SqlConnection, guard: WriteGuard): ShamirQueries {
  const { db } = connection;
  const setups = (organizationId: OrganizationId) =>
    db.selectFrom("shamir_setup").selectAll().where("organization", "=", organizationKey(connection, organizationId));
  const withShares = async (row: Selectable<ShamirSetupTable> | undefined): Promise<ShamirSetupRow | undefined> => {
    if (row === undefined) return undefined;
    const shares = await db
      .selectFrom("shamir_share")
      .selectAll()
      .where("setup", "=", row._id)
      .orderBy("_id")
      .execute();
    return setupRow(
      row,
      shares.map(({ recipient, weight, certificate }) => ({ recipient, weight, certificate: bytesOf(certificate) })),
    );
  };
  const all = async (rows: readonly Selectable<ShamirSetupTable>[]): Promise<readonly ShamirSetupRow[]> => {
    const found: ShamirSetupRow[] = [];
    for (const row of rows) {
      const setup = await withShares(row);
      if (setup !== undefined) found.push(setup);
    }
    return found;
  };
  const setup = (organizationId: OrganizationId, userId: UserId, createdOn: DateTime) =>
    setups(organizationId).where("user_id", "=", userId).where("created_on", "=", createdOn);
  return {
    async find(organizationId, userId, createdOn) {
      return await withShares(await setup(organizationId, userId, createdOn).executeTakeFirst());
    },
    async findActive(organizationId, userId) {
      const query = setups(organizationId).where("user_id", "=", userId).where("deleted_on", "is", null);
      return await withShares(await query.executeTakeFirst());
    },
    async list(organizationId) {
      return await all(await setups(organizationId).orderBy("_id").execute());
    },
    async concerning(organizationId, userId) {
      const query = setups(organizationId).where((is) =>
        is.or([
          is("user_id", "=", userId),
          is(
            "_id",
            "in",
            is.selectFrom("shamir_share").select("shamir_share.setup").where("shamir_share.recipient", "=", userId),
          ),
        ]),
      );
      return await all(await query.orderBy("_id").execute());
    },
    async insert(organizationId, row) {
      await guard.shared(organizationId);
      const { _id } = await db
        .insertInto("shamir_setup")
        .values({
          organization: organizationKey(connection, organizationId),
          user_id: row.userId,
          created_on: row.createdOn,
          author: row.author,
          brief_certificate: row.briefCertificate,
          reveal_token: row.revealToken,
          threshold: row.threshold,
          ciphered_data: row.cipheredData,
          ...deletionColumns(row.deletion),
        })
        .returning("_id")
        .executeTakeFirstOrThrow();
      for (const share of row.shares) {
        await db
          .insertInto("shamir_share")
          .values({ setup: _id, ...share })
          .execute();
      }
    },
    async setDeleted(organizationId, userId, createdOn, deletion) {
      await guard.shared(organizationId);
      const changed = await db
        .updateTable("shamir_setup")
        .set({ ...deletionColumns(deletion), ciphered_data: null })
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("user_id", "=", userId)
        .where("created_on", "=", createdOn)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "shamir setup");
    },
  };
}

function deletionColumns(deletion: ShamirSetupRow["deletion"]) {
  return {
    deleted_on: deletion?.on ?? null,
    deleted_by: deletion?.by ?? null,
    deletion_certificate: deletion?.certificate ?? null,
  };
}

function setupRow(row: Selectable<ShamirSetupTable>, shares: readonly ShamirShareRow[]): ShamirSetupRow {
  const { deleted_on: on, deleted_by: by, deletion_certificate: certificate } = row;
  return {
    userId: row.user_id,
    createdOn: row.created_on,
    author: row.author,
    briefCertificate: bytesOf(row.brief_certificate),
    revealToken: row.reveal_token,
    threshold: row.threshold,
    cipheredData: nullableBytesOf(row.ciphered_data),
    shares,
    deletion: on === null || by === null || certificate === null ? null : { on, by, certificate: bytesOf(certificate) },
  };
}
