import { vaultKeyRotation } from "@parsec/protocol";
import { addAuthMethod, disableAllMethods, isMethodIdTaken } from "../../rules/account.ts";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const vaultKeyRotationHandler = authenticatedAccount(vaultKeyRotation).inTransaction(async (scope, request) => {
  const { tx, account, authMethod } = scope;
  const { email } = account.humanHandle;
  const { items, newAuthMethodId: authMethodId } = request;
  const current = await tx.accounts.items(authMethod.vaultId);
  const isSame = current.size === items.size && [...current.keys()].every((fingerprint) => items.has(fingerprint));
  if (!isSame) return { status: "items_mismatch" };
  if (await isMethodIdTaken(scope, authMethodId)) return { status: "new_auth_method_id_already_exists" };

  await disableAllMethods(scope, email);
  const { vaultId } = await tx.accounts.addVault(email);
  await addAuthMethod(scope, vaultId, {
    authMethodId,
    macKey: request.newAuthMethodMacKey,
    vaultKeyAccess: request.newVaultKeyAccess,
    passwordAlgorithm: request.newAuthMethodPasswordAlgorithm,
  });
  for (const [fingerprint, item] of items) await tx.accounts.addItem(vaultId, fingerprint, item);
  return { status: "ok" };
});
