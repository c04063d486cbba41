import { Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Gives the secret for an authenticator application: 20 raw bytes, the same until the setup is confirmed (spec 05
 * §13.1).
 */
export const totpSetupGetSecret = /* @__PURE__ */ command("authenticated", "totp_setup_get_secret", () => ({
  revision: 4,
  request: {},
  replies: {
    ok: { totpSecret: Bytes },
    already_setup: {},
  },
}));
export type TotpSetupGetSecretRequest = RequestOf<typeof totpSetupGetSecret>;
export type TotpSetupGetSecretReply = ReplyOf<typeof totpSetupGetSecret>;
