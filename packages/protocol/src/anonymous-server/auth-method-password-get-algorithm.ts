import { EmailAddress, UntrustedPasswordAlgorithm } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Gives the parameters that turn an account's password into keys. An unknown address gets a stable, plausible
 * answer (spec 05 §13.5).
 */
export const authMethodPasswordGetAlgorithm = /* @__PURE__ */ command(
  "anonymous_server",
  "auth_method_password_get_algorithm",
  () => ({
    request: { email: EmailAddress },
    replies: {
      ok: { passwordAlgorithm: UntrustedPasswordAlgorithm },
    },
  }),
);
export type AuthMethodPasswordGetAlgorithmRequest = RequestOf<typeof authMethodPasswordGetAlgorithm>;
export type AuthMethodPasswordGetAlgorithmReply = ReplyOf<typeof authMethodPasswordGetAlgorithm>;
