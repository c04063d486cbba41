import { DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Accepts the terms of service, those of the given date (spec 05 §13.2). */
export const tosAccept = /* @__PURE__ */ command("tos", "tos_accept", () => ({
  request: { tosUpdatedOn: DateTime },
  replies: {
    ok: {},
    no_tos: {},
    tos_mismatch: {},
  },
}));
export type TosAcceptRequest = RequestOf<typeof tosAccept>;
export type TosAcceptReply = ReplyOf<typeof tosAccept>;
