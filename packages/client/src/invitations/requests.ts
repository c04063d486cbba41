import { requireObject, requireText } from "@parsec/base";
import { inviteComplete } from "@parsec/protocol";
import {
  type AccessToken,
  DeviceLabel,
  HumanHandle,
  InviteDeviceData,
  type InvitePayload,
  InviteUserData,
  sealInvitePayload,
} from "@parsec/types";
import { requireHuman, requireProfile } from "../arguments.ts";
import { UnexpectedReplyError } from "../errors.ts";
import { createDevice } from "./create-device.ts";
import { createUser, type NewUser } from "./create-user.ts";
import { InvitationError } from "./errors.ts";
import { cancelledOnAbort, exchange, type Met, type StepOptions } from "./greeting/attempt.ts";
import type { GreetContext, GreeterAttempt } from "./greeting/greeter.ts";
import { readPayload } from "./greeting/payload.ts";
import { GreetingStage } from "./greeting/stage.ts";

// What a claimer asks for, and the greeter's answer: the last stage (spec 09b §4.5–§4.8).

/** What goes through all stages of a greeter. */
export interface Greeting {
  readonly context: GreetContext;
  readonly token: AccessToken;
  readonly met: Met<GreeterAttempt>;
}

export type UserDecision = Pick<NewUser, "profile"> & Partial<Pick<NewUser, "humanHandle" | "deviceLabel">>;

/** Last stage for a user. */
export class UserRequest extends GreetingStage {
  readonly requestedHumanHandle: HumanHandle;
  readonly requestedDeviceLabel: DeviceLabel;
  readonly #greeting: Greeting;
  readonly #data: InviteUserData;

  private constructor(greeting: Greeting, data: InviteUserData) {
    super(greeting.met.attempt);
    this.requestedHumanHandle = data.requestedHumanHandle;
    this.requestedDeviceLabel = data.requestedDeviceLabel;
    this.#greeting = greeting;
    this.#data = data;
  }

  /** @internal */
  static async read(this: void, greeting: Greeting, payload: Uint8Array): Promise<UserRequest> {
    return new UserRequest(greeting, await readPayload(greeting.met, InviteUserData, payload));
  }

  /**
   * Makes the user and its first device, by default with the handle and the label that were asked for: the greeter
   * has the last word. Resolves once the claimer has saved the device. After a refusal by the server (all errors of
   * {@link CreateUserError} but those of the greeting) nothing was made, and it can be called again.
   * @throws CreateUserError
   */
  async createUser(decision: UserDecision, options: StepOptions = {}): Promise<void> {
    const { context, met } = this.#greeting;
    const { publicKey, verifyKey } = this.#data;
    requireObject("decision", decision);
    const { profile, humanHandle: human = this.requestedHumanHandle, deviceLabel: label } = decision;
    requireProfile(profile);
    requireHuman(human);
    const humanHandle = HumanHandle.parse(human.email, human.label);
    const deviceLabel = label === undefined ? this.requestedDeviceLabel : parseLabel(label);
    const user = { profile, humanHandle, deviceLabel, publicKey, verifyKey };
    const confirmation = await cancelledOnAbort(met.attempt, options, () => createUser(context, user, options));
    await finish(this.#greeting, confirmation, options);
  }
}

/** Last stage for a device of the greeter's own. */
export class DeviceRequest extends GreetingStage {
  readonly requestedDeviceLabel: DeviceLabel;
  readonly #greeting: Greeting;
  readonly #data: InviteDeviceData;

  private constructor(greeting: Greeting, data: InviteDeviceData) {
    super(greeting.met.attempt);
    this.requestedDeviceLabel = data.requestedDeviceLabel;
    this.#greeting = greeting;
    this.#data = data;
  }

  /** @internal */
  static async read(this: void, greeting: Greeting, payload: Uint8Array): Promise<DeviceRequest> {
    return new DeviceRequest(greeting, await readPayload(greeting.met, InviteDeviceData, payload));
  }

  /**
   * Makes the device, by default with the label that was asked for. Resolves once the claimer has saved it.
   * @throws CreateDeviceError
   */
  async createDevice(
    decision: { readonly deviceLabel?: DeviceLabel | undefined } = {},
    options: StepOptions = {},
  ): Promise<void> {
    const { context, met } = this.#greeting;
    requireObject("decision", decision);
    const { deviceLabel: label } = decision;
    const deviceLabel = label === undefined ? this.requestedDeviceLabel : parseLabel(label);
    const device = { deviceLabel, verifyKey: this.#data.verifyKey };
    const confirmation = await cancelledOnAbort(met.attempt, options, () => createDevice(context, device, options));
    await finish(this.#greeting, confirmation, options);
  }
}

/** What is signed must be a label, whatever the types were told. */
function parseLabel(label: DeviceLabel): DeviceLabel {
  requireText("deviceLabel", label);
  return DeviceLabel.parse(label);
}

/** Steps 7 and 8, and the end of the invitation. */
async function finish(greeting: Greeting, confirmation: InvitePayload, options: StepOptions): Promise<void> {
  const { attempt, sharedKey } = greeting.met;
  // Sealed once: the same bytes go out at each try, another nonce would be another step.
  const greeterPayload = sealInvitePayload(sharedKey, confirmation);
  await exchange(attempt, { step: "NUMBER_7_SEND_PAYLOAD", greeterPayload }, "NUMBER_7_GET_PAYLOAD", options);
  await exchange(attempt, { step: "NUMBER_8_WAIT_PEER_ACKNOWLEDGMENT" }, "NUMBER_8_ACKNOWLEDGE", options);
  await complete(greeting, options);
}

async function complete({ context, token }: Greeting, options: StepOptions): Promise<void> {
  const reply = await context.connection.send(inviteComplete, { token }, options);
  switch (reply.status) {
    case "ok":
      return;
    case "invitation_already_completed":
      throw new InvitationError("INVITATION_COMPLETED");
    case "invitation_cancelled":
      throw new InvitationError("INVITATION_CANCELLED");
    case "invitation_not_found":
      throw new InvitationError("INVITATION_NOT_FOUND");
    case "author_not_allowed":
      throw new InvitationError("GREETER_NOT_ALLOWED");
    default:
      throw new UnexpectedReplyError("invite_complete", reply.status);
  }
}
