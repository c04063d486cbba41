import { AccountAuthMethodId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Disables another authentication method of the account, not the one in use (spec 05 §13.6). */
export const authMethodDisable = /* @__PURE__ */ command("authenticated_account", "auth_method_disable", () => ({
  request: { authMethodId: AccountAuthMethodId },
  replies: {
    ok: {},
    auth_method_not_found: {},
    auth_method_already_disabled: {},
    self_disable_not_allowed: {},
  },
}));
export type AuthMethodDisableRequest = RequestOf<typeof authMethodDisable>;
export type AuthMethodDisableReply = ReplyOf<typeof authMethodDisable>;
