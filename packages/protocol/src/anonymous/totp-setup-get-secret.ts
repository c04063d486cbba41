import { AccessToken, Bytes, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the secret for an authenticator application to a user whose TOTP was reset (spec 05 §13.4). */
export const anonymousTotpSetupGetSecret = /* @__PURE__ */ command("anonymous", "totp_setup_get_secret", () => ({
  revision: 4,
  request: { userId: UserId, token: AccessToken },
  replies: {
    ok: { totpSecret: Bytes },
    bad_token: {},
  },
}));
export type AnonymousTotpSetupGetSecretRequest = RequestOf<typeof anonymousTotpSetupGetSecret>;
export type AnonymousTotpSetupGetSecretReply = ReplyOf<typeof anonymousTotpSetupGetSecret>;
