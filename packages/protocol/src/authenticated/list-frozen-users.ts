import { list, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Lists the users that the administration has frozen. For an ADMIN (spec 05 §13.1). */
export const listFrozenUsers = /* @__PURE__ */ command("authenticated", "list_frozen_users", () => ({
  request: {},
  replies: {
    ok: { frozenUsers: list(UserId) },
    author_not_allowed: {},
  },
}));
export type ListFrozenUsersRequest = RequestOf<typeof listFrozenUsers>;
export type ListFrozenUsersReply = ReplyOf<typeof listFrozenUsers>;
