import { DateTime, map, Str } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Gives the terms of service: a URL for each locale (such as `en_US`), and their date (spec 05 §13.2). */
export const tosGet = /* @__PURE__ */ command("tos", "tos_get", () => ({
  request: {},
  replies: {
    ok: { perLocaleUrls: map(Str, Str), updatedOn: DateTime },
    no_tos: {},
  },
}));
export type TosGetRequest = RequestOf<typeof tosGet>;
export type TosGetReply = ReplyOf<typeof tosGet>;
