import { authMethodList } from "@parsec/protocol";
import { activeMethods } from "../../rules/account.ts";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. */
export const authMethodListHandler = authenticatedAccount(authMethodList).inTransaction(
  async ({ tx, authMethod: { vaultId } }) => {
    const methods = [...(await activeMethods(tx, vaultId))].sort((a, b) => a.createdOn - b.createdOn);
    const items = methods.map((method) => ({
      authMethodId: method.authMethodId,
      createdOn: method.createdOn,
      createdByIp: method.createdByIp,
      createdByUserAgent: method.createdByUserAgent,
      vaultKeyAccess: method.vaultKeyAccess,
      passwordAlgorithm: method.passwordAlgorithm,
    }));
    return { status: "ok", items };
  },
);
