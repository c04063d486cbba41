import { AccessToken, Str, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Ends the TOTP setup of a user whose TOTP was reset, with a first code of the authenticator application (spec 05
 * §13.4).
 */
export const anonymousTotpSetupConfirm = /* @__PURE__ */ command("anonymous", "totp_setup_confirm", () => ({
  revision: 4,
  request: { userId: UserId, token: AccessToken, oneTimePassword: Str },
  replies: {
    ok: {},
    invalid_one_time_password: {},
    bad_token: {},
  },
}));
export type AnonymousTotpSetupConfirmRequest = RequestOf<typeof anonymousTotpSetupConfirm>;
export type AnonymousTotpSetupConfirmReply = ReplyOf<typeof anonymousTotpSetupConfirm>;
