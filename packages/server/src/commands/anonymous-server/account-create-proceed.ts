import { accountCreateProceed } from "@parsec/protocol";
import { addAuthMethod, isMethodIdTaken } from "../../rules/account.ts";
import { badValidationCode } from "../../rules/validation-code.ts";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.3. Checking a code does not consume it. */
export const accountCreateProceedHandler = anonymousServer(accountCreateProceed).inTransaction(
  async (scope, { accountCreateStep: step }) => {
    const { accounts } = scope.tx;
    const email = step.step === "NUMBER_0_CHECK_CODE" ? step.email : step.humanHandle.email;
    const bad = await badValidationCode(scope, "create", email, step.validationCode);
    if (bad !== undefined) return bad;
    if (step.step === "NUMBER_0_CHECK_CODE") return { status: "ok" };
    if (await isMethodIdTaken(scope, step.authMethodId)) return { status: "auth_method_id_already_exists" };

    await accounts.removeValidationCodes(email);
    await accounts.put({ humanHandle: step.humanHandle, deletedOn: null });
    const { vaultId } = await accounts.addVault(email);
    await addAuthMethod(scope, vaultId, {
      authMethodId: step.authMethodId,
      macKey: step.authMethodMacKey,
      vaultKeyAccess: step.vaultKeyAccess,
      passwordAlgorithm: step.authMethodPasswordAlgorithm,
    });
    return { status: "ok" };
  },
);
