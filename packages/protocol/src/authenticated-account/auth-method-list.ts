import {
  AccountAuthMethodId,
  Bytes,
  DateTime,
  type Infer,
  list,
  nullable,
  Str,
  struct,
  UntrustedPasswordAlgorithm,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** A way to log in to an account, without its keys. The address is empty when unknown. */
export const AuthMethod = /* @__PURE__ */ struct({
  authMethodId: AccountAuthMethodId,
  createdOn: DateTime,
  createdByIp: Str,
  createdByUserAgent: Str,
  vaultKeyAccess: Bytes,
  passwordAlgorithm: /* @__PURE__ */ nullable(UntrustedPasswordAlgorithm),
});
export type AuthMethod = Infer<typeof AuthMethod>;

/** Lists the active authentication methods of the current vault, oldest first (spec 05 §13.6). */
export const authMethodList = /* @__PURE__ */ command("authenticated_account", "auth_method_list", () => ({
  request: {},
  replies: {
    ok: { items: list(AuthMethod) },
  },
}));
export type AuthMethodListRequest = RequestOf<typeof authMethodList>;
export type AuthMethodListReply = ReplyOf<typeof authMethodList>;
