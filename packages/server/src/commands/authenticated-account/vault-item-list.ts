import { vaultItemList } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const vaultItemListHandler = authenticatedAccount(vaultItemList).inTransaction(async ({ tx, authMethod }) => ({
  status: "ok",
  keyAccess: authMethod.vaultKeyAccess,
  items: await tx.accounts.items(authMethod.vaultId),
}));
