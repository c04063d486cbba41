import { accountDeleteSendValidationEmail } from "@parsec/protocol";
import { rateLimited, sendValidationMail } from "../../mail/validation-mail.ts";
import { newValidationCode } from "../../rules/validation-code.ts";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3. The limit is asked between transactions: one that is tried again must not count twice. */
export const accountDeleteSendValidationEmailHandler = authenticatedAccount(accountDeleteSendValidationEmail).inSteps(
  async ({ server, client, transaction }) => {
    const { email } = await transaction(async ({ account }) => ({ email: account.humanHandle.email }));
    const limited = rateLimited(server, email, client.ip);
    if (limited !== undefined) return limited;
    const { code } = await transaction(async (scope) => ({ code: await newValidationCode(scope, "delete", email) }));
    return await sendValidationMail(server, "account_deletion", email, code);
  },
);
