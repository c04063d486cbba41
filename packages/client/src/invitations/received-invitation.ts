import { BugError } from "@parsec/base";
import { InvitedConnection } from "@parsec/connection";
import { type InvitationInfo, inviteInfo } from "@parsec/protocol";
import type { InvitationAddress, UserId } from "@parsec/types";
import { requireId, requireOptions } from "../arguments.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { ClaimerChoosesCode } from "./claim.ts";
import { DeviceClaim, UserClaim } from "./claims.ts";
import type { StepOptions } from "./greeting/attempt.ts";
import { meetGreeter } from "./greeting/claimer.ts";
import { meetAnyGreeter } from "./greeting/meet-any.ts";
import { type OpenedInvitation, RecoveryInvitation } from "./recovery/recovery-invitation.ts";

type DetailsOf<Type extends InvitationInfo["type"]> = Extract<InvitationInfo, { readonly type: Type }>;

/** An opened invitation. `type` is the server's word, whatever the link says (spec 09b §4.1). */
export type ReceivedInvitation = UserInvitation | DeviceInvitation | RecoveryInvitation;

/** An invitation to join the organization. */
export interface UserInvitation {
  readonly type: "USER";
  readonly details: DetailsOf<"USER">;
  /** The administrator who made the invitation, if they can still greet. */
  readonly preferredGreeter: UserId | undefined;
  /**
   * Waits for whichever administrator comes first, or for the one given; then both compare codes.
   * @throws MeetGreeterError
   */
  meet(options?: StepOptions & { readonly greeter?: UserId | undefined }): Promise<ClaimerChoosesCode<UserClaim>>;
}

/** An invitation to have one more device. */
export interface DeviceInvitation {
  readonly type: "DEVICE";
  readonly details: DetailsOf<"DEVICE">;
  /**
   * Waits for the other device of the same user; then both compare codes.
   * @throws MeetGreeterError
   */
  meet(options?: StepOptions): Promise<ClaimerChoosesCode<DeviceClaim>>;
}

/**
 * Asks the server what an invitation is for, and who can greet.
 * @throws ConnectionError: BAD_AUTHENTICATION for an unknown token, INVITATION_ALREADY_USED_OR_DELETED, OFFLINE, …
 * @throws UnexpectedReplyError
 */
export async function openInvitation(
  ports: ParsecPorts,
  address: InvitationAddress,
  options: StepOptions = {},
): Promise<ReceivedInvitation> {
  const { transport, clock, random, diagnostics } = ports;
  const connection = new InvitedConnection({ transport, clock, random, diagnostics, address });
  const details = await connection.send(inviteInfo, {}, options);
  if (details.status === "unknown_status") throw new UnexpectedReplyError("invite_info", details.unknownStatus);
  const opened: OpenedInvitation = { ports, address, context: { connection, clock } };
  switch (details.type) {
    case "USER":
      return userInvitation(opened, details);
    case "DEVICE":
      return deviceInvitation(opened, details);
    case "SHAMIR_RECOVERY":
      return new RecoveryInvitation(opened, details);
  }
}

function userInvitation({ ports, address, context }: OpenedInvitation, details: DetailsOf<"USER">): UserInvitation {
  const administrators = details.administrators.map(({ userId }) => userId);
  const { createdBy } = details;
  const author = createdBy.type === "USER" ? createdBy.userId : undefined;
  return {
    type: "USER",
    details,
    preferredGreeter: administrators.find((userId) => userId === author),
    meet: async (options = {}) => {
      requireOptions(options);
      const { greeter, signal } = options;
      if (greeter !== undefined) requireId("greeter", greeter);
      const possible = details.administrators.filter(({ userId }) => greeter === undefined || userId === greeter);
      const met = await meetAnyGreeter(
        context,
        possible.map(({ userId }) => userId),
        { signal },
      );
      const come = possible.find(({ userId }) => userId === met.attempt.greeter);
      if (come === undefined) throw new BugError("somebody was met who was not waited for");
      const { userId, humanHandle } = come;
      return new ClaimerChoosesCode({
        met,
        greeter: { userId, humanHandle },
        makeClaim: () => new UserClaim({ ports, address, met }),
      });
    },
  };
}

function deviceInvitation(
  { ports, address, context }: OpenedInvitation,
  details: DetailsOf<"DEVICE">,
): DeviceInvitation {
  return {
    type: "DEVICE",
    details,
    meet: async (options = {}) => {
      requireOptions(options);
      const met = await meetGreeter(context, details.claimerUserId, options);
      const greeter = { userId: details.claimerUserId, humanHandle: details.claimerHumanHandle };
      return new ClaimerChoosesCode({ met, greeter, makeClaim: () => new DeviceClaim({ ports, address, met }) });
    },
  };
}
