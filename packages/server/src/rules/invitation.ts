import type { InvitationStatus, OrganizationId, UserId } from "@parsec/types";
import type { InvitationRow } from "../store/port/invitations.ts";
import type { ShamirSetupRow } from "../store/port/shamir.ts";
import type { Transaction } from "../store/port/store.ts";
import type { UserRow } from "../store/port/users.ts";

interface InOrganization {
  readonly tx: Transaction;
  readonly organizationId: OrganizationId;
}

/** The setup behind a shamir invitation; undefined for the other types. */
export async function setupOf(
  { tx, organizationId }: InOrganization,
  { target }: Pick<InvitationRow, "target">,
): Promise<ShamirSetupRow | undefined> {
  if (target.type !== "SHAMIR_RECOVERY") return undefined;
  return await tx.shamir.find(organizationId, target.claimer, target.setupCreatedOn);
}

/** Spec 08b §8.1: a shamir invitation whose setup was deleted counts as cancelled. */
export async function invitationStatus(scope: InOrganization, invitation: InvitationRow): Promise<InvitationStatus> {
  if (invitation.ended !== null) return invitation.ended.reason;
  const setup = await setupOf(scope, invitation);
  return setup !== undefined && setup.deletion !== null ? "CANCELLED" : "PENDING";
}

/** Who may greet the claimer now (spec 08b §8.1). */
export async function possibleGreeters(
  scope: InOrganization,
  invitation: Pick<InvitationRow, "target">,
): Promise<readonly UserRow[]> {
  const { tx, organizationId } = scope;
  const { target } = invitation;
  if (target.type === "USER") return await tx.users.activeOfProfile(organizationId, "ADMIN");
  const candidates =
    target.type === "DEVICE"
      ? [target.claimer]
      : ((await setupOf(scope, invitation))?.shares.map(({ recipient }) => recipient) ?? []);
  const greeters: UserRow[] = [];
  for (const userId of candidates) {
    const user = await tx.users.find(organizationId, userId);
    if (user !== undefined && user.revocation === null) greeters.push(user);
  }
  return greeters;
}

export async function isPossibleGreeter(
  scope: InOrganization,
  invitation: InvitationRow,
  userId: UserId,
): Promise<boolean> {
  return (await possibleGreeters(scope, invitation)).some((user) => user.userId === userId);
}

/** True when the invitation is for that user (spec 08b §8.5). */
export function isClaimer({ target }: InvitationRow, user: UserRow): boolean {
  return target.type === "USER" ? target.claimerEmail === user.humanHandle.email : target.claimer === user.userId;
}

/** Tells the greeters of now what became of an invitation. */
export async function emitInvitation(
  scope: InOrganization,
  invitation: Pick<InvitationRow, "token" | "target">,
  status: InvitationStatus,
): Promise<void> {
  const greeters = (await possibleGreeters(scope, invitation)).map(({ userId }) => userId);
  const { tx, organizationId } = scope;
  tx.emit({ type: "INVITATION", organizationId, token: invitation.token, invitationStatus: status, greeters });
}

/** Who created an invitation, as replies tell it. */
export async function invitationCreator({ tx, organizationId }: InOrganization, { createdBy }: InvitationRow) {
  const device = await tx.users.findDevice(organizationId, createdBy);
  const user = device && (await tx.users.find(organizationId, device.userId));
  if (user === undefined) return { type: "EXTERNAL_SERVICE", serviceLabel: "" } as const;
  return { type: "USER", userId: user.userId, humanHandle: user.humanHandle } as const;
}
