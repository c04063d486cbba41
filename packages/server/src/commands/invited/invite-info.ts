import { BugError } from "@parsec/base";
import { inviteInfo } from "@parsec/protocol";
import type { UserId } from "@parsec/types";
import { invitationCreator, possibleGreeters, setupOf } from "../../rules/invitation.ts";
import type { UserRow } from "../../store/port/users.ts";
import { invited } from "../handler.ts";
import type { InvitedScope } from "../scope.ts";

/** Spec 08b §8.7. Nobody tracks who is online. */
export const inviteInfoHandler = invited(inviteInfo).inTransaction(async (scope) => {
  const { target } = scope.invitation;
  const createdBy = await invitationCreator(scope, scope.invitation);
  if (target.type === "USER") {
    const administrators = await Promise.all(
      byLabel(await possibleGreeters(scope, scope.invitation)).map(async ({ userId, humanHandle }) => ({
        userId,
        humanHandle,
        onlineStatus: "UNKNOWN" as const,
        lastGreetingAttemptJoinedOn: await lastJoined(scope, userId),
      })),
    );
    return { status: "ok", type: "USER", claimerEmail: target.claimerEmail, createdBy, administrators };
  }
  const claimer = await knownUser(scope, target.claimer);
  const claimerFields = { claimerUserId: claimer.userId, claimerHumanHandle: claimer.humanHandle, createdBy };
  if (target.type === "DEVICE") return { status: "ok", type: "DEVICE", ...claimerFields };

  const setup = await setupOf(scope, scope.invitation);
  if (setup === undefined) throw new BugError("A shamir invitation has no setup");
  const holders = await Promise.all(setup.shares.map(({ recipient }) => knownUser(scope, recipient)));
  const recipients = byLabel(holders).map(({ userId, humanHandle, revocation }) => ({
    userId,
    humanHandle,
    shares: setup.shares.find(({ recipient }) => recipient === userId)?.weight ?? 0,
    revokedOn: revocation?.on ?? null,
    onlineStatus: "UNKNOWN" as const,
  }));
  return {
    status: "ok",
    type: "SHAMIR_RECOVERY",
    ...claimerFields,
    shamirRecoveryCreatedOn: setup.createdOn,
    threshold: setup.threshold,
    recipients,
  };
});

function byLabel(users: readonly UserRow[]): readonly UserRow[] {
  return [...users].sort((a, b) => (a.humanHandle.label < b.humanHandle.label ? -1 : 1));
}

async function lastJoined({ tx, organizationId, invitation }: InvitedScope, greeter: UserId) {
  const attempts = await tx.invitations.attempts(organizationId, invitation.token, greeter);
  return attempts.map(({ joined }) => joined.GREETER).findLast((on) => on !== null) ?? null;
}

async function knownUser({ tx, organizationId }: InvitedScope, userId: UserId): Promise<UserRow> {
  const user = await tx.users.find(organizationId, userId);
  if (user === undefined) throw new BugError("An invitation refers to an unknown user");
  return user;
}
