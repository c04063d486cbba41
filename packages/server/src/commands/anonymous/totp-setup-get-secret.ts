import { anonymousTotpSetupGetSecret } from "@parsec/protocol";
import { pendingSecret, setupOfToken } from "../../rules/totp.ts";
import { anonymous } from "../handler.ts";

/** Spec 08b §1.5. */
export const anonymousTotpSetupGetSecretHandler = anonymous(anonymousTotpSetupGetSecret).inTransaction(
  async (scope, { userId, token }) => {
    const setup = await setupOfToken(scope, userId, token);
    if (setup === undefined) return { status: "bad_token" };
    return { status: "ok", totpSecret: await pendingSecret(scope, userId, setup) };
  },
);
