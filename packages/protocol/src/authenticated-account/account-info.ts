import { HumanHandle } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Tells whose account it is (spec 05 §13.6). */
export const accountInfo = /* @__PURE__ */ command("authenticated_account", "account_info", () => ({
  request: {},
  replies: {
    ok: { humanHandle: HumanHandle },
  },
}));
export type AccountInfoRequest = RequestOf<typeof accountInfo>;
export type AccountInfoReply = ReplyOf<typeof accountInfo>;
