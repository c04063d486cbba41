import { PrivateKey, type SasCode, SecretKey, sasCandidates, SigningKey } from "@parsec/crypto";
import {
  type DeviceLabel,
  type HumanHandle,
  type InvitationAddress,
  InviteDeviceConfirmation,
  type InvitePayload,
  InviteUserConfirmation,
  type LocalDevice,
  toServerAddress,
  sealInvitePayload,
  VlobId,
} from "@parsec/types";
import { InvitationError } from "./errors.ts";
import { exchange, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";
import type { Met } from "./greeting/greeter.ts";
import { readPayload } from "./greeting/payload.ts";
import { sasChoices } from "./greeting/shared-secret.ts";

// The claimer's side of a greeting, one object a stage (spec 09b §3.5, §4.3, §4.4). `Claim` is what the last stage
// offers: a user or a device. An abort cancels the greeting for both sides.

/** What goes on when both sides trust each other. */
export interface ClaimGreeting<Claim> {
  readonly met: Met<ClaimerAttempt>;
  readonly makeClaim: (met: Met<ClaimerAttempt>) => Claim;
}

/** First stage: the claimer picks the code that the greeter reads out. */
export class ClaimerChoosesCode<Claim> {
  readonly #greeting: ClaimGreeting<Claim>;
  /** Four codes; the right one is the one that the greeter shows. */
  readonly greeterSasChoices: readonly SasCode[];

  /** @internal */
  constructor(greeting: ClaimGreeting<Claim>) {
    this.#greeting = greeting;
    this.greeterSasChoices = sasCandidates(greeting.met.codes.greeterSas, sasChoices);
  }

  /** The code that was read out is `choice`: goes on when it is the right one, else ends the greeting. */
  async choose(choice: SasCode, options: StepOptions = {}): Promise<ClaimerShowsCode<Claim>> {
    const { attempt, codes } = this.#greeting.met;
    if (choice !== codes.greeterSas) {
      await this.denyTrust();
      throw new InvitationError("NONCE_MISMATCH");
    }
    await exchange(attempt, { step: "NUMBER_4_SIGNIFY_TRUST" }, "NUMBER_4_WAIT_PEER_TRUST", options);
    return new ClaimerShowsCode(this.#greeting);
  }

  /** None of the codes: somebody may be in between. Ends the greeting for both sides. */
  denyTrust(): Promise<void> {
    return this.#greeting.met.attempt.cancel("INVALID_SAS_CODE");
  }
}

/** Second stage: the claimer reads `claimerSas` out to the greeter. */
export class ClaimerShowsCode<Claim> {
  readonly #greeting: ClaimGreeting<Claim>;

  /** @internal */
  constructor(greeting: ClaimGreeting<Claim>) {
    this.#greeting = greeting;
  }

  get claimerSas(): SasCode {
    return this.#greeting.met.codes.claimerSas;
  }

  /** Resolves once the greeter has found the code among theirs. */
  async waitPeerTrust(options: StepOptions = {}): Promise<Claim> {
    const { met, makeClaim } = this.#greeting;
    await exchange(met.attempt, { step: "NUMBER_5_WAIT_PEER_TRUST" }, "5", options);
    return makeClaim(met);
  }
}

/** Who the claimer of a user invitation says to be. The greeter has the last word. */
export interface RequestedUser {
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
}

/** A device whose certificates are on the server, and that must be saved before it is acknowledged. */
export interface ClaimedDevice {
  readonly device: LocalDevice;
  /** Tells the greeter that all is well; sent once. */
  acknowledge(options?: StepOptions): Promise<void>;
}

/** Steps 6 and 7 for a user (spec 09b §4.3). @throws InvitationError PEER_PAYLOAD_CORRUPTED; those of the greeting */
export async function claimUser(
  address: InvitationAddress,
  met: Met<ClaimerAttempt>,
  { humanHandle, deviceLabel }: RequestedUser,
  options: StepOptions = {},
): Promise<ClaimedDevice> {
  const privateKey = PrivateKey.generate();
  const signingKey = SigningKey.generate();
  const confirmationPayload = await sendRequest(
    met,
    {
      type: "invite_user_data",
      requestedDeviceLabel: deviceLabel,
      requestedHumanHandle: humanHandle,
      publicKey: privateKey.publicKey,
      verifyKey: signingKey.verifyKey,
    },
    options,
  );
  const confirmation = await readPayload(met.attempt, InviteUserConfirmation, confirmationPayload, met.sharedKey);
  const device: LocalDevice = {
    ...deviceOf(address, confirmation, signingKey),
    privateKey,
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
  };
  return { device, acknowledge: (ackOptions = {}) => acknowledge(met.attempt, ackOptions) };
}

/** Steps 6 and 7 for a device (spec 09b §4.4). Errors: those of {@link claimUser}. */
export async function claimDevice(
  address: InvitationAddress,
  met: Met<ClaimerAttempt>,
  deviceLabel: DeviceLabel,
  options: StepOptions = {},
): Promise<ClaimedDevice> {
  const signingKey = SigningKey.generate();
  const confirmationPayload = await sendRequest(
    met,
    { type: "invite_device_data", requestedDeviceLabel: deviceLabel, verifyKey: signingKey.verifyKey },
    options,
  );
  const confirmation = await readPayload(met.attempt, InviteDeviceConfirmation, confirmationPayload, met.sharedKey);
  const { privateKey, userRealmId, userRealmKey } = confirmation;
  const device = { ...deviceOf(address, confirmation, signingKey), privateKey, userRealmId, userRealmKey };
  return { device, acknowledge: (ackOptions = {}) => acknowledge(met.attempt, ackOptions) };
}

async function sendRequest(
  { attempt, sharedKey }: Met<ClaimerAttempt>,
  request: InvitePayload,
  options: StepOptions,
): Promise<Uint8Array> {
  // Sealed once: the same bytes go out at each try, another nonce would be another step.
  const claimerPayload = sealInvitePayload(sharedKey, request);
  await exchange(attempt, { step: "NUMBER_6_SEND_PAYLOAD", claimerPayload }, "NUMBER_6_GET_PAYLOAD", options);
  const peer = await exchange(attempt, { step: "NUMBER_7_GET_PAYLOAD" }, "NUMBER_7_SEND_PAYLOAD", options);
  return peer.greeterPayload;
}

async function acknowledge(attempt: ClaimerAttempt, options: StepOptions): Promise<void> {
  await exchange(attempt, { step: "NUMBER_8_ACKNOWLEDGE" }, "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT", options);
}

/** What the invitation, the greeter's last word and the own key say of the new device. */
function deviceOf(
  address: InvitationAddress,
  confirmation: InviteUserConfirmation | InviteDeviceConfirmation,
  signingKey: SigningKey,
) {
  const { userId, deviceId, deviceLabel, humanHandle, profile, rootVerifyKey } = confirmation;
  return {
    type: "local_device" as const,
    serverUrl: toServerAddress(address),
    organizationId: address.organizationId,
    rootVerifyKey,
    userId,
    deviceId,
    deviceLabel,
    humanHandle,
    signingKey,
    initialProfile: profile,
    localSymkey: SecretKey.generate(),
  };
}
