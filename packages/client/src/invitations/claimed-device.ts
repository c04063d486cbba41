import { PrivateKey, SecretKey, SigningKey } from "@parsec/crypto";
import {
  type DeviceLabel,
  type HumanHandle,
  type InvitationAddress,
  InviteDeviceConfirmation,
  type InvitePayload,
  InviteUserConfirmation,
  type LocalDevice,
  sealInvitePayload,
  toServerAddress,
  VlobId,
} from "@parsec/types";
import { exchange, type Met, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";
import { readPayload } from "./greeting/payload.ts";

// Steps 6 and 7 of a claimer: what they ask for, and the device that comes of it (spec 09b §4.3, §4.4). The greeter has
// made it on the server by then.

/** Who the claimer of a user invitation says to be. The greeter has the last word. */
export interface RequestedUser {
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
}

/** The first device of a new user. @throws InvitationError PEER_PAYLOAD_CORRUPTED; ClaimerStepError */
export async function claimUser(
  address: InvitationAddress,
  met: Met<ClaimerAttempt>,
  { humanHandle, deviceLabel }: RequestedUser,
  options: StepOptions = {},
): Promise<LocalDevice> {
  const privateKey = PrivateKey.generate();
  const signingKey = SigningKey.generate();
  const request: InvitePayload = {
    type: "invite_user_data",
    requestedDeviceLabel: deviceLabel,
    requestedHumanHandle: humanHandle,
    publicKey: privateKey.publicKey,
    verifyKey: signingKey.verifyKey,
  };
  const reply = await sendRequest(met, request, options);
  const confirmation = await readPayload(met, InviteUserConfirmation, reply);
  return {
    ...deviceOf(address, confirmation, signingKey),
    privateKey,
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
  };
}

/** One more device of a user. @throws InvitationError PEER_PAYLOAD_CORRUPTED; ClaimerStepError */
export async function claimDevice(
  address: InvitationAddress,
  met: Met<ClaimerAttempt>,
  deviceLabel: DeviceLabel,
  options: StepOptions = {},
): Promise<LocalDevice> {
  const signingKey = SigningKey.generate();
  const request: InvitePayload = {
    type: "invite_device_data",
    requestedDeviceLabel: deviceLabel,
    verifyKey: signingKey.verifyKey,
  };
  const reply = await sendRequest(met, request, options);
  const confirmation = await readPayload(met, InviteDeviceConfirmation, reply);
  const { privateKey, userRealmId, userRealmKey } = confirmation;
  return { ...deviceOf(address, confirmation, signingKey), privateKey, userRealmId, userRealmKey };
}

/** Resolves with the greeter's payload. */
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
