import { vaultItemRecoveryList } from "@parsec/protocol";
import type { VaultRow } from "../../store/port/accounts.ts";
import { authenticatedAccount } from "../handler.ts";
import type { AccountScope } from "../scope.ts";

/** Spec 08b §3. Vaults are told oldest first, with the methods that were disabled too. */
export const vaultItemRecoveryListHandler = authenticatedAccount(vaultItemRecoveryList).inTransaction(async (scope) => {
  const { tx, account, authMethod } = scope;
  const vaults = await tx.accounts.vaults(account.humanHandle.email);
  const previous = vaults.filter(({ vaultId }) => vaultId !== authMethod.vaultId);
  const currentVault = await describe(scope, authMethod);
  return {
    status: "ok",
    currentVault,
    previousVaults: await Promise.all(previous.map((vault) => describe(scope, vault))),
  };
});

async function describe({ tx }: AccountScope, { vaultId }: Pick<VaultRow, "vaultId">) {
  const methods = await tx.accounts.authMethods(vaultId);
  return {
    authMethods: methods.map((method) => ({
      authMethodId: method.authMethodId,
      createdOn: method.createdOn,
      disabledOn: method.disabledOn,
      createdByIp: method.createdByIp,
      createdByUserAgent: method.createdByUserAgent,
      vaultKeyAccess: method.vaultKeyAccess,
      passwordAlgorithm: method.passwordAlgorithm,
    })),
    vaultItems: await tx.accounts.items(vaultId),
  };
}
