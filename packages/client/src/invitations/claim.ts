import type { SasCode } from "@parsec/crypto";
import type { HumanHandle, UserId } from "@parsec/types";
import { exchange, type Met, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";
import { CodeChoice, GreetingStage } from "./greeting/stage.ts";

// The claimer's side of a greeting, one object a stage (spec 09b §3.5). `Claim` is what the last stage offers.

/** Who has come, as the server says: only the codes tell whether it is true. */
export interface Greeter {
  readonly userId: UserId;
  readonly humanHandle: HumanHandle;
}

/** What goes on when both sides trust each other. */
export interface ClaimGreeting<Claim> {
  readonly met: Met<ClaimerAttempt>;
  readonly greeter: Greeter;
  readonly makeClaim: () => Claim;
}

/** First stage: the claimer picks the code that the greeter reads out. */
export class ClaimerChoosesCode<Claim> extends CodeChoice {
  readonly #greeting: ClaimGreeting<Claim>;

  /** @internal */
  constructor(greeting: ClaimGreeting<Claim>) {
    super(greeting.met.attempt, greeting.met.codes.greeterSas);
    this.#greeting = greeting;
  }

  /** Who has come. */
  get greeter(): Greeter {
    return this.#greeting.greeter;
  }

  /** The code that an honest greeter shows: for a window that compares what was chosen or typed by itself. */
  get greeterSas(): SasCode {
    return this.#greeting.met.codes.greeterSas;
  }

  /** Four codes; the right one is the one that the greeter shows. */
  get greeterSasChoices(): readonly SasCode[] {
    return this.choices;
  }

  /**
   * The code that was read out is `choice`: goes on when it is the right one, else ends the greeting.
   * @throws InvitationError SAS_CODE_MISMATCH; ClaimerStepError
   */
  async choose(choice: SasCode, options: StepOptions = {}): Promise<ClaimerShowsCode<Claim>> {
    await this.requireRight(choice, options);
    const { attempt } = this.#greeting.met;
    await exchange(attempt, { step: "NUMBER_4_SIGNIFY_TRUST" }, "NUMBER_4_WAIT_PEER_TRUST", options);
    return new ClaimerShowsCode(this.#greeting);
  }
}

/** Second stage: the claimer reads `claimerSas` out to the greeter. */
export class ClaimerShowsCode<Claim> extends GreetingStage {
  readonly greeter: Greeter;
  readonly claimerSas: SasCode;
  readonly #greeting: ClaimGreeting<Claim>;

  /** @internal */
  constructor(greeting: ClaimGreeting<Claim>) {
    super(greeting.met.attempt);
    this.greeter = greeting.greeter;
    this.claimerSas = greeting.met.codes.claimerSas;
    this.#greeting = greeting;
  }

  /** Resolves once the greeter has found the code among theirs. @throws ClaimerStepError */
  async waitPeerTrust(options: StepOptions = {}): Promise<Claim> {
    const { met, makeClaim } = this.#greeting;
    await exchange(met.attempt, { step: "NUMBER_5_WAIT_PEER_TRUST" }, "5", options);
    return makeClaim();
  }
}
