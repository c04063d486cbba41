import { SecretKeyCodec, TotpOpaqueKeyId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Makes a new key, that the server gives back against a one-time password only (spec 05 §13.1). */
export const totpCreateOpaqueKey = /* @__PURE__ */ command("authenticated", "totp_create_opaque_key", () => ({
  revision: 4,
  request: {},
  replies: {
    ok: { opaqueKeyId: TotpOpaqueKeyId, opaqueKey: SecretKeyCodec },
  },
}));
export type TotpCreateOpaqueKeyRequest = RequestOf<typeof totpCreateOpaqueKey>;
export type TotpCreateOpaqueKeyReply = ReplyOf<typeof totpCreateOpaqueKey>;
