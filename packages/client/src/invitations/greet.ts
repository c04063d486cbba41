import { type SasCode, sasCandidates } from "@parsec/crypto";
import { inviteComplete } from "@parsec/protocol";
import {
  type AccessToken,
  type Codec,
  type DeviceLabel,
  type HumanHandle,
  InviteDeviceData,
  type InvitePayload,
  InviteUserData,
  sealInvitePayload,
} from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { createDevice } from "./create-device.ts";
import { createUser, type NewUser } from "./create-user.ts";
import { InvitationError } from "./errors.ts";
import { exchange, type StepOptions } from "./greeting/attempt.ts";
import { type GreeterAttempt, type Met, meetClaimer } from "./greeting/greeter.ts";
import { readPayload } from "./greeting/payload.ts";
import { sasChoices } from "./greeting/shared-secret.ts";

// The greeter's side of a greeting, one object a stage: a stage gives the next one, so that none can be left out
// (spec 09b §3.5, §4.5–§4.7). An abort cancels the greeting for both sides.

interface Greeting<Request> {
  readonly context: SessionContext;
  readonly token: AccessToken;
  readonly met: Met<GreeterAttempt>;
  /** Makes the last stage out of what the claimer asks for. */
  readonly readRequest: (greeting: Greeting<Request>, payload: Uint8Array) => Promise<Request>;
}

/**
 * Waits for the claimer of a user invitation.
 * @throws InvitationError, GreetingCancelledError, ConnectionError
 */
export function greetUser(
  context: SessionContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<GreeterShowsCode<UserRequest>> {
  return greet(context, token, readUserRequest, options);
}

/** Waits for the claimer of a device invitation. Errors: those of {@link greetUser}. */
export function greetDevice(
  context: SessionContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<GreeterShowsCode<DeviceRequest>> {
  return greet(context, token, readDeviceRequest, options);
}

async function greet<Request>(
  context: SessionContext,
  token: AccessToken,
  readRequest: Greeting<Request>["readRequest"],
  options: StepOptions,
): Promise<GreeterShowsCode<Request>> {
  const met = await meetClaimer(context, token, options);
  return new GreeterShowsCode({ context, token, met, readRequest });
}

/** First stage: the greeter reads `greeterSas` out to the claimer. */
export class GreeterShowsCode<Request> {
  readonly #greeting: Greeting<Request>;

  /** @internal */
  constructor(greeting: Greeting<Request>) {
    this.#greeting = greeting;
  }

  get greeterSas(): SasCode {
    return this.#greeting.met.codes.greeterSas;
  }

  /** Resolves once the claimer has found the code among theirs. */
  async waitPeerTrust(options: StepOptions = {}): Promise<GreeterChoosesCode<Request>> {
    const { attempt } = this.#greeting.met;
    await exchange(attempt, { step: "NUMBER_4_WAIT_PEER_TRUST" }, "NUMBER_4_SIGNIFY_TRUST", options);
    return new GreeterChoosesCode(this.#greeting);
  }
}

/** Second stage: the greeter picks the code that the claimer reads out. */
export class GreeterChoosesCode<Request> {
  readonly #greeting: Greeting<Request>;
  /** Four codes; the right one is the one that the claimer shows. */
  readonly claimerSasChoices: readonly SasCode[];

  /** @internal */
  constructor(greeting: Greeting<Request>) {
    this.#greeting = greeting;
    this.claimerSasChoices = sasCandidates(greeting.met.codes.claimerSas, sasChoices);
  }

  /** The code that was read out is `choice`: goes on when it is the right one, else ends the greeting. */
  async choose(choice: SasCode, options: StepOptions = {}): Promise<GreeterReadsRequest<Request>> {
    if (choice !== this.#greeting.met.codes.claimerSas) {
      await this.denyTrust();
      throw new InvitationError("NONCE_MISMATCH");
    }
    await exchange(this.#greeting.met.attempt, { step: "5" }, "NUMBER_5_WAIT_PEER_TRUST", options);
    return new GreeterReadsRequest(this.#greeting);
  }

  /** None of the codes: somebody may be in between. Ends the greeting for both sides. */
  denyTrust(): Promise<void> {
    return this.#greeting.met.attempt.cancel("INVALID_SAS_CODE");
  }
}

/** Third stage: both sides trust each other. */
export class GreeterReadsRequest<Request> {
  readonly #greeting: Greeting<Request>;

  /** @internal */
  constructor(greeting: Greeting<Request>) {
    this.#greeting = greeting;
  }

  /** Resolves once the claimer has said who they are. @throws InvitationError PEER_PAYLOAD_CORRUPTED */
  async getRequest(options: StepOptions = {}): Promise<Request> {
    const { met, readRequest } = this.#greeting;
    const peer = await exchange(met.attempt, { step: "NUMBER_6_GET_PAYLOAD" }, "NUMBER_6_SEND_PAYLOAD", options);
    return readRequest(this.#greeting, peer.claimerPayload);
  }
}

/** Last stage for a user: what the claimer asks for; the greeter has the last word. */
export interface UserRequest {
  readonly requestedHumanHandle: HumanHandle;
  readonly requestedDeviceLabel: DeviceLabel;
  /**
   * Makes the user and its first device. By default with the handle and the label that were asked for.
   * @throws InvitationError USER_CREATE_NOT_ALLOWED, ACTIVE_USERS_LIMIT_REACHED, HUMAN_HANDLE_TAKEN,
   * USER_ALREADY_EXISTS; those of the greeting
   */
  createUser(decision: UserDecision, options?: StepOptions): Promise<void>;
}

export type UserDecision = Pick<NewUser, "profile"> & Partial<Pick<NewUser, "humanHandle" | "deviceLabel">>;

/** Last stage for a device of the greeter's own. */
export interface DeviceRequest {
  readonly requestedDeviceLabel: DeviceLabel;
  /** @throws InvitationError DEVICE_ALREADY_EXISTS; those of the greeting */
  createDevice(decision?: { readonly deviceLabel?: DeviceLabel }, options?: StepOptions): Promise<void>;
}

async function readUserRequest(greeting: Greeting<UserRequest>, payload: Uint8Array): Promise<UserRequest> {
  const data = await read(greeting, InviteUserData, payload);
  const { requestedDeviceLabel, requestedHumanHandle, publicKey, verifyKey } = data;
  return {
    requestedDeviceLabel,
    requestedHumanHandle,
    async createUser({ profile, humanHandle, deviceLabel }, options = {}) {
      const wanted = {
        profile,
        humanHandle: humanHandle ?? requestedHumanHandle,
        deviceLabel: deviceLabel ?? requestedDeviceLabel,
        publicKey,
        verifyKey,
      };
      await finish(greeting, await createUser(greeting.context, wanted, options), options);
    },
  };
}

async function readDeviceRequest(greeting: Greeting<DeviceRequest>, payload: Uint8Array): Promise<DeviceRequest> {
  const { requestedDeviceLabel, verifyKey } = await read(greeting, InviteDeviceData, payload);
  return {
    requestedDeviceLabel,
    async createDevice({ deviceLabel = requestedDeviceLabel } = {}, options = {}) {
      await finish(greeting, await createDevice(greeting.context, { deviceLabel, verifyKey }, options), options);
    },
  };
}

function read<T extends InvitePayload>(
  { met }: { readonly met: Met<GreeterAttempt> },
  codec: Codec<T>,
  payload: Uint8Array,
): Promise<T> {
  return readPayload(met.attempt, codec, payload, met.sharedKey);
}

/** Steps 7 and 8, and the end of the invitation. */
async function finish(
  { context, token, met }: Pick<Greeting<unknown>, "context" | "token" | "met">,
  confirmation: InvitePayload,
  options: StepOptions,
): Promise<void> {
  // Sealed once: the same bytes go out at each try, another nonce would be another step.
  const greeterPayload = sealInvitePayload(met.sharedKey, confirmation);
  await exchange(met.attempt, { step: "NUMBER_7_SEND_PAYLOAD", greeterPayload }, "NUMBER_7_GET_PAYLOAD", options);
  await exchange(met.attempt, { step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" }, "NUMBER_8_ACKNOWLEDGE", options);
  const reply = await context.connection.send(inviteComplete, { token }, options);
  switch (reply.status) {
    case "ok":
      return;
    case "invitation_already_completed":
    case "invitation_cancelled":
      throw new InvitationError("INVITATION_DELETED");
    case "invitation_not_found":
      throw new InvitationError("INVITATION_NOT_FOUND");
    case "author_not_allowed":
      throw new InvitationError("GREETER_NOT_ALLOWED");
    default:
      throw new UnexpectedReplyError("invite_complete", reply.status);
  }
}
