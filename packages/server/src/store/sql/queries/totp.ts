import type { OrganizationId } from "@parsec/types";
import type { Selectable } from "kysely";
import type { TotpOpaqueKeyRow, TotpQueries } from "../../port/totp.ts";
import { bytesOf, flag, nullableBytesOf, organizationKey, type SqlConnection, type WriteGuard } from "../database.ts";
import type { TotpKeyTable } from "../tables.ts";

export function sqlTotp(connection: SqlConnection, guard: WriteGuard): TotpQueries {
  const { db } = connection;
  const keys = (organizationId: OrganizationId) =>
    db.selectFrom("totp_key").selectAll().where("organization", "=", organizationKey(connection, organizationId));
  return {
    async setup(organizationId, userId) {
      const row = await db
        .selectFrom("totp_setup")
        .selectAll()
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("user_id", "=", userId)
        .executeTakeFirst();
      return {
        completed: row?.completed === 1,
        secret: nullableBytesOf(row?.secret ?? null),
        resetToken: row?.reset_token ?? null,
      };
    },
    async putSetup(organizationId, userId, { completed, secret, resetToken }) {
      await guard.family(organizationId, "totp");
      const state = { completed: flag(completed), secret, reset_token: resetToken };
      await db
        .insertInto("totp_setup")
        .values({ organization: organizationKey(connection, organizationId), user_id: userId, ...state })
        .onConflict((conflict) => conflict.columns(["organization", "user_id"]).doUpdateSet(state))
        .execute();
    },
    async findKey(organizationId, opaqueKeyId) {
      const row = await keys(organizationId).where("opaque_key_id", "=", opaqueKeyId).executeTakeFirst();
      return row && keyRow(row);
    },
    async keysOfUser(organizationId, userId) {
      return (await keys(organizationId).where("user_id", "=", userId).orderBy("_id").execute()).map(keyRow);
    },
    async putKey(organizationId, row) {
      await guard.family(organizationId, "totp");
      const state = {
        user_id: row.userId,
        opaque_key: row.opaqueKey,
        failed_attempts: row.failedAttempts,
        last_failed_attempt: row.lastFailedAttempt,
      };
      await db
        .insertInto("totp_key")
        .values({
          organization: organizationKey(connection, organizationId),
          opaque_key_id: row.opaqueKeyId,
          ...state,
        })
        .onConflict((conflict) => conflict.columns(["organization", "opaque_key_id"]).doUpdateSet(state))
        .execute();
    },
  };
}

function keyRow(row: Selectable<TotpKeyTable>): TotpOpaqueKeyRow {
  return {
    opaqueKeyId: row.opaque_key_id,
    userId: row.user_id,
    opaqueKey: bytesOf(row.opaque_key),
    failedAttempts: row.failed_attempts,
    lastFailedAttempt: row.last_failed_attempt,
  };
}
