import type { Clock, Diagnostics, RandomSource } from "@parsec/base";
import { InvitedConnection, type Transport } from "@parsec/connection";
import type { DeviceStore, SaveStrategy } from "@parsec/device";
import { type InvitationInfo, inviteInfo } from "@parsec/protocol";
import type { StorageDriver } from "@parsec/storage";
import { DeviceLabel, HumanHandle, type InvitationAddress, type LocalDevice, type UserId } from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import { type ClaimedDevice, ClaimerChoosesCode, claimDevice, claimUser } from "./claim.ts";
import type { StepOptions } from "./greeting/attempt.ts";
import { type ClaimContext, type ClaimerAttempt, meetGreeter } from "./greeting/claimer.ts";
import type { Met } from "./greeting/greeter.ts";
import { meetAnyGreeter } from "./greeting/meet-any.ts";
import { saveClaimedDevice } from "./save-claimed-device.ts";

/** What a claim needs from outside: there is no session yet. */
export interface ClaimPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
}

export type DetailsOf<Type extends InvitationInfo["type"]> = Extract<InvitationInfo, { readonly type: Type }>;

/** An opened invitation. `type` is the server's word, whatever the link says (spec 09b §4.1). */
export type ReceivedInvitation = UserInvitation | DeviceInvitation | RecoveryInvitation;

/** An invitation to join the organization. */
export interface UserInvitation {
  readonly type: "USER";
  readonly details: DetailsOf<"USER">;
  /**
   * Waits for one of the administrators, or for the one given; then both compare codes.
   * @throws InvitationError, GreetingCancelledError, ConnectionError
   */
  meet(options?: StepOptions & { readonly greeter?: UserId }): Promise<ClaimerChoosesCode<UserClaim>>;
}

/** An invitation to have one more device. */
export interface DeviceInvitation {
  readonly type: "DEVICE";
  readonly details: DetailsOf<"DEVICE">;
  /** Waits for the other device of the same user; then both compare codes. Errors: those of {@link UserInvitation}. */
  meet(options?: StepOptions): Promise<ClaimerChoosesCode<DeviceClaim>>;
}

/** An invitation to recover a lost device with the help of the recipients of its shares. */
export interface RecoveryInvitation {
  readonly type: "SHAMIR_RECOVERY";
  readonly details: DetailsOf<"SHAMIR_RECOVERY">;
}

export interface UserClaimRequest {
  readonly human: { readonly email: string; readonly label: string };
  readonly deviceLabel: string;
  readonly protection: SaveStrategy;
}

export type DeviceClaimRequest = Omit<UserClaimRequest, "human">;

/** Last stage: says who one is, and gets the device, saved under its protection. */
export interface UserClaim {
  /**
   * @throws HumanHandleError, DeviceLabelError, DeviceError, StorageError; InvitationError PEER_PAYLOAD_CORRUPTED;
   * GreetingCancelledError, ConnectionError. After the last two the device may exist: the next start finds out
   */
  claim(request: UserClaimRequest, options?: StepOptions): Promise<LocalDevice>;
}

export interface DeviceClaim {
  /** Errors: those of {@link UserClaim}. */
  claim(request: DeviceClaimRequest, options?: StepOptions): Promise<LocalDevice>;
}

/**
 * Asks the server what an invitation is for, and who can greet.
 * @throws ConnectionError: BAD_AUTHENTICATION for an unknown token, INVITATION_ALREADY_USED_OR_DELETED, OFFLINE, …
 */
export async function openInvitation(
  ports: ClaimPorts,
  address: InvitationAddress,
  options: StepOptions = {},
): Promise<ReceivedInvitation> {
  const { clock, random } = ports;
  const connection = new InvitedConnection({ ...ports, address });
  const context: ClaimContext = { connection, clock, random };
  const details = await connection.send(inviteInfo, {}, options);
  if (details.status === "unknown_status") throw new UnexpectedReplyError("invite_info", details.unknownStatus);
  switch (details.type) {
    case "USER":
      return {
        type: "USER",
        details,
        meet: async ({ greeter, ...step } = {}) => {
          const greeters = greeter === undefined ? greetersOf(details) : [greeter];
          return chooseCode(await meetAnyGreeter(context, greeters, step), (met) => userClaim(ports, address, met));
        },
      };
    case "DEVICE":
      return {
        type: "DEVICE",
        details,
        meet: async (step = {}) =>
          chooseCode(await meetGreeter(context, details.claimerUserId, step), (met) => deviceClaim(ports, address, met)),
      };
    case "SHAMIR_RECOVERY":
      return { type: "SHAMIR_RECOVERY", details };
  }
}

function chooseCode<Claim>(met: Met<ClaimerAttempt>, makeClaim: (met: Met<ClaimerAttempt>) => Claim) {
  return new ClaimerChoosesCode({ met, makeClaim });
}

function userClaim(ports: ClaimPorts, address: InvitationAddress, met: Met<ClaimerAttempt>): UserClaim {
  return {
    async claim({ human, deviceLabel, protection }, options = {}) {
      const humanHandle = HumanHandle.parse(human.email, human.label);
      const requested = { humanHandle, deviceLabel: DeviceLabel.parse(deviceLabel) };
      const claimed = await claimUser(address, met, requested, options);
      return save(ports, met, claimed, { protection, isFirstDevice: true }, options);
    },
  };
}

function deviceClaim(ports: ClaimPorts, address: InvitationAddress, met: Met<ClaimerAttempt>): DeviceClaim {
  return {
    async claim({ deviceLabel, protection }, options = {}) {
      const claimed = await claimDevice(address, met, DeviceLabel.parse(deviceLabel), options);
      return save(ports, met, claimed, { protection, isFirstDevice: false }, options);
    },
  };
}

function save(
  ports: ClaimPorts,
  met: Met<ClaimerAttempt>,
  claimed: ClaimedDevice,
  how: { readonly protection: SaveStrategy; readonly isFirstDevice: boolean },
  options: StepOptions,
): Promise<LocalDevice> {
  return saveClaimedDevice(ports, { ...claimed, ...how, attempt: met.attempt }, options);
}

/** Who can greet the claimer of a user invitation, the one who made it first if listed. */
function greetersOf({ administrators, createdBy }: DetailsOf<"USER">): readonly UserId[] {
  const ids = administrators.map(({ userId }) => userId);
  const preferred = createdBy.type === "USER" ? ids.find((id) => id === createdBy.userId) : undefined;
  return preferred === undefined ? ids : [preferred, ...ids.filter((id) => id !== preferred)];
}
