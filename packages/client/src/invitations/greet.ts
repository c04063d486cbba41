import type { SasCode } from "@parsec/crypto";
import type { AccessToken } from "@parsec/types";
import { exchange, type StepOptions } from "./greeting/attempt.ts";
import { type GreetContext, meetClaimer } from "./greeting/greeter.ts";
import { CodeChoice, GreetingStage } from "./greeting/stage.ts";
import { DeviceRequest, type Greeting, UserRequest } from "./requests.ts";

// The greeter's side of a greeting, one object a stage (spec 09b §3.5, §4.5).

/** Makes the last stage out of what the claimer asks for. */
export type ReadRequest<Request> = (greeting: Greeting, payload: Uint8Array) => Promise<Request>;

/**
 * Waits for the claimer of a user invitation.
 * @throws MeetClaimerError
 */
export async function greetUser(
  context: GreetContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<GreeterShowsCode<UserRequest>> {
  const met = await meetClaimer(context, token, options);
  return new GreeterShowsCode({ context, token, met }, UserRequest.read);
}

/**
 * Waits for the claimer of a device invitation.
 * @throws MeetClaimerError
 */
export async function greetDevice(
  context: GreetContext,
  token: AccessToken,
  options: StepOptions = {},
): Promise<GreeterShowsCode<DeviceRequest>> {
  const met = await meetClaimer(context, token, options);
  return new GreeterShowsCode({ context, token, met }, DeviceRequest.read);
}

/** First stage: the greeter reads `greeterSas` out to the claimer. */
export class GreeterShowsCode<Request> extends GreetingStage {
  readonly greeterSas: SasCode;
  readonly #greeting: Greeting;
  readonly #readRequest: ReadRequest<Request>;

  /** @internal */
  constructor(greeting: Greeting, readRequest: ReadRequest<Request>) {
    super(greeting.met.attempt);
    this.greeterSas = greeting.met.codes.greeterSas;
    this.#greeting = greeting;
    this.#readRequest = readRequest;
  }

  /** Resolves once the claimer has found the code among theirs. @throws GreeterStepError */
  async waitPeerTrust(options: StepOptions = {}): Promise<GreeterChoosesCode<Request>> {
    const { attempt } = this.#greeting.met;
    await exchange(attempt, { step: "NUMBER_4_WAIT_PEER_TRUST" }, "NUMBER_4_SIGNIFY_TRUST", options);
    return new GreeterChoosesCode(this.#greeting, this.#readRequest);
  }
}

/** Second stage: the greeter picks the code that the claimer reads out. */
export class GreeterChoosesCode<Request> extends CodeChoice {
  readonly #greeting: Greeting;
  readonly #readRequest: ReadRequest<Request>;

  /** @internal */
  constructor(greeting: Greeting, readRequest: ReadRequest<Request>) {
    super(greeting.met.attempt, greeting.met.codes.claimerSas);
    this.#greeting = greeting;
    this.#readRequest = readRequest;
  }

  /** The code that an honest claimer shows: for a window that compares what was chosen or typed by itself. */
  get claimerSas(): SasCode {
    return this.#greeting.met.codes.claimerSas;
  }

  /** Four codes; the right one is the one that the claimer shows. */
  get claimerSasChoices(): readonly SasCode[] {
    return this.choices;
  }

  /**
   * The code that was read out is `choice`: goes on when it is the right one, else ends the greeting.
   * @throws InvitationError SAS_CODE_MISMATCH; GreeterStepError
   */
  async choose(choice: SasCode, options: StepOptions = {}): Promise<GreeterReadsRequest<Request>> {
    await this.requireRight(choice, options);
    await exchange(this.#greeting.met.attempt, { step: "5" }, "NUMBER_5_WAIT_PEER_TRUST", options);
    return new GreeterReadsRequest(this.#greeting, this.#readRequest);
  }
}

/** Third stage: both sides trust each other. */
export class GreeterReadsRequest<Request> extends GreetingStage {
  readonly #greeting: Greeting;
  readonly #readRequest: ReadRequest<Request>;

  /** @internal */
  constructor(greeting: Greeting, readRequest: ReadRequest<Request>) {
    super(greeting.met.attempt);
    this.#greeting = greeting;
    this.#readRequest = readRequest;
  }

  /**
   * Resolves once the claimer has said who they are.
   * @throws InvitationError PEER_PAYLOAD_CORRUPTED; GreeterStepError
   */
  async getRequest(options: StepOptions = {}): Promise<Request> {
    const { attempt } = this.#greeting.met;
    const peer = await exchange(attempt, { step: "NUMBER_6_GET_PAYLOAD" }, "NUMBER_6_SEND_PAYLOAD", options);
    return this.#readRequest(this.#greeting, peer.claimerPayload);
  }
}
