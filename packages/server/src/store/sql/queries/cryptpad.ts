import type { CryptpadQueries } from "../../port/cryptpad.ts";
import { bytesOf, nullableBytesOf, realmKey, type SqlConnection, type WriteGuard } from "../database.ts";

export function sqlCryptpad(connection: SqlConnection, guard: WriteGuard): CryptpadQueries {
  const { db } = connection;
  return {
    async find(organizationId, realmId, documentId) {
      const row = await db
        .selectFrom("cryptpad_session")
        .selectAll()
        .where("realm", "=", realmKey(connection, organizationId, realmId))
        .where("document_id", "=", documentId)
        .executeTakeFirst();
      return (
        row && {
          documentId,
          author: row.author,
          createdOn: row.created_on,
          keyIndex: row.key_index,
          encryptedViewKey: bytesOf(row.view_key),
          encryptedEditKey: nullableBytesOf(row.edit_key),
        }
      );
    },
    async put(organizationId, realmId, row) {
      await guard.family(organizationId, "cryptpad");
      const state = {
        author: row.author,
        created_on: row.createdOn,
        key_index: row.keyIndex,
        view_key: row.encryptedViewKey,
        edit_key: row.encryptedEditKey,
      };
      await db
        .insertInto("cryptpad_session")
        .values({
          realm: realmKey(connection, organizationId, realmId),
          document_id: row.documentId,
          ...state,
        })
        .onConflict((conflict) => conflict.columns(["realm", "document_id"]).doUpdateSet(state))
        .execute();
    },
  };
}
