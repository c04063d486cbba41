import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the text back. For tests: only a debug server has it (spec 05 §13.4). */
export const anonymousPing = /* @__PURE__ */ command("anonymous", "ping", () => ({
  request: { ping: Str },
  replies: {
    ok: { pong: Str },
  },
}));
export type AnonymousPingRequest = RequestOf<typeof anonymousPing>;
export type AnonymousPingReply = ReplyOf<typeof anonymousPing>;
