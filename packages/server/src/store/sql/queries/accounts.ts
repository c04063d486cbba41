import { decode, encode, HumanLabel, UntrustedPasswordAlgorithm } from "@parsec/types";
import type { Selectable } from "kysely";
import type { AccountQueries, AuthMethodRow } from "../../port/accounts.ts";
import { bytesOf, jsonText, mustHaveChanged, type SqlConnection, textOf, type WriteGuard } from "../database.ts";
import type { AuthMethodTable } from "../tables.ts";

export function sqlAccounts({ db }: SqlConnection, guard: WriteGuard): AccountQueries {
  return {
    async find(email) {
      const row = await db.selectFrom("account").selectAll().where("email", "=", email).executeTakeFirst();
      if (row === undefined) return undefined;
      return { humanHandle: { email, label: HumanLabel.parse(textOf(row.label)) }, deletedOn: row.deleted_on };
    },
    async put({ humanHandle: { email, label }, deletedOn }) {
      await guard.accounts();
      const state = { label: jsonText(label), deleted_on: deletedOn };
      await db
        .insertInto("account")
        .values({ email, ...state })
        .onConflict((conflict) => conflict.column("email").doUpdateSet(state))
        .execute();
    },
    async addVault(email) {
      await guard.accounts();
      const { _id } = await db.insertInto("vault").values({ email }).returning("_id").executeTakeFirstOrThrow();
      return { vaultId: _id, email };
    },
    async findVault(vaultId) {
      const row = await db.selectFrom("vault").select("email").where("_id", "=", vaultId).executeTakeFirst();
      return row && { vaultId, email: row.email };
    },
    async vaults(email) {
      const rows = await db.selectFrom("vault").select("_id").where("email", "=", email).orderBy("_id").execute();
      return rows.map(({ _id }) => ({ vaultId: _id, email }));
    },
    async items(vaultId) {
      const rows = await db
        .selectFrom("vault_item")
        .select(["fingerprint", "data"])
        .where("vault", "=", vaultId)
        .orderBy("_id")
        .execute();
      return new Map(rows.map(({ fingerprint, data }) => [fingerprint, bytesOf(data)]));
    },
    async addItem(vaultId, fingerprint, data) {
      await guard.accounts();
      await db.insertInto("vault_item").values({ vault: vaultId, fingerprint, data }).execute();
    },
    async findAuthMethod(authMethodId) {
      const row = await db
        .selectFrom("auth_method")
        .selectAll()
        .where("auth_method_id", "=", authMethodId)
        .executeTakeFirst();
      return row && authMethodRow(row);
    },
    async authMethods(vaultId) {
      const query = db.selectFrom("auth_method").selectAll().where("vault", "=", vaultId);
      return (await query.orderBy("_id").execute()).map(authMethodRow);
    },
    async activePasswordMethod(email) {
      const row = await db
        .selectFrom("auth_method")
        .selectAll()
        .where("vault", "=", (inner) =>
          inner
            .selectFrom("vault")
            .select("vault._id")
            .where("email", "=", email)
            .orderBy("vault._id", "desc")
            .limit(1),
        )
        .where("password_algorithm", "is not", null)
        .where("disabled_on", "is", null)
        .orderBy("_id")
        .limit(1)
        .executeTakeFirst();
      return row && authMethodRow(row);
    },
    async insertAuthMethod(row) {
      await guard.accounts();
      const { passwordAlgorithm } = row;
      await db
        .insertInto("auth_method")
        .values({
          auth_method_id: row.authMethodId,
          vault: row.vaultId,
          created_on: row.createdOn,
          created_by_ip: jsonText(row.createdByIp),
          created_by_user_agent: jsonText(row.createdByUserAgent),
          mac_key: row.macKey,
          vault_key_access: row.vaultKeyAccess,
          password_algorithm: passwordAlgorithm === null ? null : encode(UntrustedPasswordAlgorithm, passwordAlgorithm),
          disabled_on: row.disabledOn,
        })
        .execute();
    },
    async setAuthMethodDisabled(authMethodId, on) {
      await guard.accounts();
      const changed = await db
        .updateTable("auth_method")
        .set({ disabled_on: on })
        .where("auth_method_id", "=", authMethodId)
        .executeTakeFirstOrThrow();
      mustHaveChanged(changed, "authentication method");
    },
    async validationCode(purpose, email) {
      const row = await db
        .selectFrom("validation_code")
        .selectAll()
        .where("purpose", "=", purpose)
        .where("email", "=", email)
        .executeTakeFirst();
      return row && { code: row.code, createdOn: row.created_on, failedAttempts: row.failed_attempts };
    },
    async putValidationCode(purpose, email, { code, createdOn, failedAttempts }) {
      await guard.accounts();
      const state = { code, created_on: createdOn, failed_attempts: failedAttempts };
      await db
        .insertInto("validation_code")
        .values({ purpose, email, ...state })
        .onConflict((conflict) => conflict.columns(["purpose", "email"]).doUpdateSet(state))
        .execute();
    },
    async removeValidationCode(purpose, email) {
      await guard.accounts();
      await db.deleteFrom("validation_code").where("purpose", "=", purpose).where("email", "=", email).execute();
    },
    async removeValidationCodes(email) {
      await guard.accounts();
      await db.deleteFrom("validation_code").where("email", "=", email).execute();
    },
    async forgetValidationCodes(before) {
      await guard.accounts();
      await db.deleteFrom("validation_code").where("created_on", "<", before).execute();
    },
  };
}

function authMethodRow(row: Selectable<AuthMethodTable>): AuthMethodRow {
  const { password_algorithm: algorithm } = row;
  return {
    authMethodId: row.auth_method_id,
    vaultId: row.vault,
    createdOn: row.created_on,
    createdByIp: textOf(row.created_by_ip),
    createdByUserAgent: textOf(row.created_by_user_agent),
    macKey: bytesOf(row.mac_key),
    vaultKeyAccess: bytesOf(row.vault_key_access),
    passwordAlgorithm: algorithm === null ? null : decode(UntrustedPasswordAlgorithm, bytesOf(algorithm)),
    disabledOn: row.disabled_on,
  };
}
