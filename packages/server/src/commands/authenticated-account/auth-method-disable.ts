import { authMethodDisable } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const authMethodDisableHandler = authenticatedAccount(authMethodDisable).inTransaction(
  async ({ tx, account, authMethod, now }, { authMethodId }) => {
    if (authMethodId === authMethod.authMethodId) return { status: "self_disable_not_allowed" };
    const method = await tx.accounts.findAuthMethod(authMethodId);
    const vault = method && (await tx.accounts.findVault(method.vaultId));
    if (method === undefined || vault?.email !== account.humanHandle.email) return { status: "auth_method_not_found" };
    if (method.disabledOn !== null) return { status: "auth_method_already_disabled" };
    await tx.accounts.setAuthMethodDisabled(authMethodId, now);
    return { status: "ok" };
  },
);
