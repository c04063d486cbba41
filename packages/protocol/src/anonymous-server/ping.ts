import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the text back. For tests: only a debug server has it (spec 05 §13.5). */
export const anonymousServerPing = /* @__PURE__ */ command("anonymous_server", "ping", () => ({
  request: { ping: Str },
  replies: {
    ok: { pong: Str },
  },
}));
export type AnonymousServerPingRequest = RequestOf<typeof anonymousServerPing>;
export type AnonymousServerPingReply = ReplyOf<typeof anonymousServerPing>;
