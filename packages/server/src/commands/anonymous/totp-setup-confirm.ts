import { anonymousTotpSetupConfirm } from "@parsec/protocol";
import { confirmSetup, setupOfToken } from "../../rules/totp.ts";
import { anonymous } from "../handler.ts";

/** Spec 08b §1.5. */
export const anonymousTotpSetupConfirmHandler = anonymous(anonymousTotpSetupConfirm).inTransaction(
  async (scope, { userId, token, oneTimePassword }) => {
    const setup = await setupOfToken(scope, userId, token);
    if (setup === undefined) return { status: "bad_token" };
    return await confirmSetup(scope, userId, setup, oneTimePassword);
  },
);
