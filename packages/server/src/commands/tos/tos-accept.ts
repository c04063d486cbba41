import { tosAccept } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §4. Accepting twice is fine. */
export const tosAcceptHandler = authenticated(tosAccept).inTransaction(async (scope, { tosUpdatedOn }) => {
  const { tx, organizationId, organization, author, now } = scope;
  if (organization.tos === null) return { status: "no_tos" };
  if (organization.tos.updatedOn !== tosUpdatedOn) return { status: "tos_mismatch" };
  // Never before the terms themselves, even when the clock was set back since: the user would have to accept for ever.
  const on = now > tosUpdatedOn ? now : tosUpdatedOn;
  await tx.users.setTosAccepted(organizationId, author.user.userId, on);
  return { status: "ok" };
});
