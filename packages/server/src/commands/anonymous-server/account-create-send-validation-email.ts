import { accountCreateSendValidationEmail } from "@parsec/protocol";
import { mailCodeUnseen, rateLimited } from "../../mail/validation-mail.ts";
import { newValidationCode } from "../../rules/validation-code.ts";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.2. Nobody learns here which e-mails have an account. */
export const accountCreateSendValidationEmailHandler = anonymousServer(accountCreateSendValidationEmail).inSteps(
  async ({ server, client, transaction }, { email }) => {
    const limited = rateLimited(server, email, client.ip);
    if (limited !== undefined) return limited;
    return await mailCodeUnseen(server, "account_creation", email, async () => {
      const { code } = await transaction(async (scope) => {
        const account = await scope.tx.accounts.find(email);
        if (account !== undefined && account.deletedOn === null) return { code: null };
        return { code: await newValidationCode(scope, "create", email) };
      });
      return code;
    });
  },
);
