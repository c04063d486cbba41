import { listFrozenUsers } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.6. */
export const listFrozenUsersHandler = authenticated(listFrozenUsers).inTransaction(async (scope) => {
  const { tx, organizationId, author } = scope;
  if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
  return { status: "ok", frozenUsers: await tx.users.frozen(organizationId) };
});
