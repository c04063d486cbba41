import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the text back. For tests: only a debug server has it (spec 05 §13.6). */
export const accountPing = /* @__PURE__ */ command("authenticated_account", "ping", () => ({
  request: { ping: Str },
  replies: {
    ok: { pong: Str },
  },
}));
export type AccountPingRequest = RequestOf<typeof accountPing>;
export type AccountPingReply = ReplyOf<typeof accountPing>;
