import { accountDeleteProceed } from "@parsec/protocol";
import { disableAllMethods } from "../../rules/account.ts";
import { badValidationCode } from "../../rules/validation-code.ts";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. The account keeps its row, and may be created again. */
export const accountDeleteProceedHandler = authenticatedAccount(accountDeleteProceed).inTransaction(
  async (scope, { validationCode }) => {
    const { tx, account, now } = scope;
    const { email } = account.humanHandle;
    const bad = await badValidationCode(scope, "delete", email, validationCode);
    if (bad !== undefined) return bad;
    // Also those of a recovery: none may open an account that is created under this e-mail later.
    await tx.accounts.removeValidationCodes(email);
    await tx.accounts.put({ ...account, deletedOn: now });
    await disableAllMethods(scope, email);
    return { status: "ok" };
  },
);
