import { DateTime, SecretKeyCodec, Str, TotpOpaqueKeyId, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Gives a server-kept key against a one-time password. Failures are throttled, each one doubling the wait (spec 05
 * §13.4).
 */
export const totpFetchOpaqueKey = /* @__PURE__ */ command("anonymous", "totp_fetch_opaque_key", () => ({
  revision: 4,
  request: { userId: UserId, opaqueKeyId: TotpOpaqueKeyId, oneTimePassword: Str },
  replies: {
    ok: { opaqueKey: SecretKeyCodec },
    invalid_one_time_password: {},
    throttled: { waitUntil: DateTime },
  },
}));
export type TotpFetchOpaqueKeyRequest = RequestOf<typeof totpFetchOpaqueKey>;
export type TotpFetchOpaqueKeyReply = ReplyOf<typeof totpFetchOpaqueKey>;
