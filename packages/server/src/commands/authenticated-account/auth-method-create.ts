import { authMethodCreate } from "@parsec/protocol";
import { activeMethods, addAuthMethod, isMethodIdTaken } from "../../rules/account.ts";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. A new password ends the former one at once. */
export const authMethodCreateHandler = authenticatedAccount(authMethodCreate).inTransaction(async (scope, request) => {
  const { tx, authMethod, now } = scope;
  const { vaultId } = authMethod;
  const { authMethodId, authMethodPasswordAlgorithm: passwordAlgorithm, vaultKeyAccess } = request;
  if (await isMethodIdTaken(scope, authMethodId)) return { status: "auth_method_id_already_exists" };

  const replaced = passwordAlgorithm === null ? [] : await activeMethods(tx, vaultId);
  for (const method of replaced.filter((each) => each.passwordAlgorithm !== null)) {
    await tx.accounts.setAuthMethodDisabled(method.authMethodId, now);
  }
  const macKey = request.authMethodMacKey;
  await addAuthMethod(scope, vaultId, { authMethodId, macKey, vaultKeyAccess, passwordAlgorithm });
  return { status: "ok" };
});
