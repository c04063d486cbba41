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
    await tx.accounts.removeValidationCode("delete", email);
    await tx.accounts.put({ ...account, deletedOn: now });
    await disableAllMethods(scope, email);
    return { status: "ok" };
  },
);
