import { accountDeleteSendValidationEmail } from "@parsec/protocol";
import { rateLimited, sendValidationMail } from "../../mail/validation-mail.ts";
import { newValidationCode } from "../../rules/validation-code.ts";
import { authenticatedAccount } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §3. */
export const accountDeleteSendValidationEmailHandler = authenticatedAccount(accountDeleteSendValidationEmail).inSteps(
  async ({ server, client, transaction }) => {
    const prepared = await transaction(async (scope) => {
      const { email } = scope.account.humanHandle;
      const limited = rateLimited(server, email, client.ip);
      return limited ?? { email, code: await newValidationCode(scope, "delete", email) };
    });
    if (isReply(prepared)) return prepared;
    return await sendValidationMail(server, "account_deletion", prepared.email, prepared.code);
  },
);
