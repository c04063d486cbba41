import { Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the text back. For tests: only a debug server has it (spec 05 §13.3). */
export const invitedPing = /* @__PURE__ */ command("invited", "ping", () => ({
  request: { ping: Str },
  replies: {
    ok: { pong: Str },
  },
}));
export type InvitedPingRequest = RequestOf<typeof invitedPing>;
export type InvitedPingReply = ReplyOf<typeof invitedPing>;
