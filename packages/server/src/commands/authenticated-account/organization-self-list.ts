import { BugError } from "@parsec/base";
import { organizationSelfList, type SelfActiveUser, type SelfRevokedUser } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3: the users of every organization that have the account's e-mail. */
export const organizationSelfListHandler = authenticatedAccount(organizationSelfList).inTransaction(
  async ({ tx, account }) => {
    const { email } = account.humanHandle;
    const active: SelfActiveUser[] = [];
    const revoked: SelfRevokedUser[] = [];
    for (const { organizationId, user } of await tx.users.findEverywhere(email)) {
      const { userId, createdOn, currentProfile, revocation, frozen: isFrozen } = user;
      if (revocation !== null) {
        revoked.push({ organizationId, userId, createdOn, revokedOn: revocation.on, currentProfile });
        continue;
      }
      const organization = await tx.organizations.find(organizationId);
      if (organization === undefined) throw new BugError("A user is in an unknown organization");
      const { isExpired, userProfileOutsiderAllowed, activeUsersLimit } = organization;
      const organizationConfig = { isExpired, userProfileOutsiderAllowed, activeUsersLimit };
      active.push({ organizationId, userId, createdOn, isFrozen, currentProfile, organizationConfig });
    }
    return { status: "ok", active, revoked };
  },
);
