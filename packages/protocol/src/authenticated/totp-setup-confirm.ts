import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Ends the TOTP setup with a first code of the authenticator application (spec 05 §13.1). */
export const totpSetupConfirm = /* @__PURE__ */ command("authenticated", "totp_setup_confirm", () => ({
  revision: 4,
  request: { oneTimePassword: Str },
  replies: {
    ok: {},
    invalid_one_time_password: {},
    already_setup: {},
  },
}));
export type TotpSetupConfirmRequest = RequestOf<typeof totpSetupConfirm>;
export type TotpSetupConfirmReply = ReplyOf<typeof totpSetupConfirm>;
