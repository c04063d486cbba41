import { accountRecoverProceed } from "@parsec/protocol";
import { addAuthMethod, disableAllMethods, isMethodIdTaken } from "../../rules/account.ts";
import { badValidationCode } from "../../rules/validation-code.ts";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.5. The account gets an empty vault: nothing opens the former ones any more. */
export const accountRecoverProceedHandler = anonymousServer(accountRecoverProceed).inTransaction(
  async (scope, request) => {
    const { accounts } = scope.tx;
    const { email, newAuthMethodId: authMethodId } = request;
    // Codes die with their account: an e-mail without one has none, and that takes no other queries.
    const bad = await badValidationCode(scope, "recover", email, request.validationCode);
    if (bad !== undefined) return bad;
    if (await isMethodIdTaken(scope, authMethodId)) return { status: "auth_method_id_already_exists" };

    await accounts.removeValidationCode("recover", email);
    await disableAllMethods(scope, email);
    const { vaultId } = await accounts.addVault(email);
    await addAuthMethod(scope, vaultId, {
      authMethodId,
      macKey: request.newAuthMethodMacKey,
      vaultKeyAccess: request.newVaultKeyAccess,
      passwordAlgorithm: request.newAuthMethodPasswordAlgorithm,
    });
    return { status: "ok" };
  },
);
