import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Gives the text back, and sends it to the whole organization as a `PINGED` event. For tests: only a debug server
 * has it (spec 05 §13.1).
 */
export const ping = /* @__PURE__ */ command("authenticated", "ping", () => ({
  request: { ping: Str },
  replies: {
    ok: { pong: Str },
  },
}));
export type PingRequest = RequestOf<typeof ping>;
export type PingReply = ReplyOf<typeof ping>;
