import { tosAccept } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §4. Accepting twice is fine. */
export const tosAcceptHandler = authenticated(tosAccept).inTransaction(async (scope, { tosUpdatedOn }) => {
  const { tx, organizationId, organization, author, now } = scope;
  if (organization.tos === null) return { status: "no_tos" };
  if (organization.tos.updatedOn !== tosUpdatedOn) return { status: "tos_mismatch" };
  await tx.users.setTosAccepted(organizationId, author.user.userId, now);
  return { status: "ok" };
});
