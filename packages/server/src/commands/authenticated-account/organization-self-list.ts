import { organizationSelfList, type SelfActiveUser, type SelfRevokedUser } from "@parsec/protocol";
import { authenticatedAccount } from "../handler.ts";

/** Spec 08b §3: the users of every organization that have the account's e-mail. */
export const organizationSelfListHandler = authenticatedAccount(organizationSelfList).inTransaction(
  async ({ tx, account }) => {
    const { email } = account.humanHandle;
    const active: SelfActiveUser[] = [];
    const revoked: SelfRevokedUser[] = [];
    for (const organization of await tx.organizations.list()) {
      const { organizationId } = organization;
      for (const user of await tx.users.list(organizationId)) {
        if (user.humanHandle.email !== email) continue;
        const { userId, createdOn, currentProfile, revocation, frozen: isFrozen } = user;
        if (revocation !== null) {
          revoked.push({ organizationId, userId, createdOn, revokedOn: revocation.on, currentProfile });
          continue;
        }
        const { isExpired, userProfileOutsiderAllowed, activeUsersLimit } = organization;
        const organizationConfig = { isExpired, userProfileOutsiderAllowed, activeUsersLimit };
        active.push({ organizationId, userId, createdOn, isFrozen, currentProfile, organizationConfig });
      }
    }
    return { status: "ok", active, revoked };
  },
);
