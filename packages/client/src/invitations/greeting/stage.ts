import { requireText } from "@parsec/base";
import { type SasCode, sasCandidates } from "@parsec/crypto";
import type { CancelledGreetingAttemptReason } from "@parsec/types";
import { requireOptions } from "../../arguments.ts";
import { InvitationError } from "../errors.ts";
import type { AnyAttempt, StepOptions } from "./attempt.ts";

/**
 * A stage of a greeting: it gives the next one, so that none can be left out (spec 09b §3.5). A failed one is over:
 * both sides begin again. An abort of a running call ends the greeting for both sides.
 */
export abstract class GreetingStage {
  readonly #attempt: AnyAttempt;

  /** @internal */
  constructor(attempt: AnyAttempt) {
    this.#attempt = attempt;
  }

  /**
   * Gives up between two calls, for both sides: else the peer waits for ever (spec 09b §3.6).
   * @throws GreetingCancelledError when it was cancelled before; InvitationError, ConnectionError
   */
  cancel(options: StepOptions = {}): Promise<void> {
    return this.giveUp("MANUALLY_CANCELLED", options);
  }

  protected async giveUp(reason: CancelledGreetingAttemptReason, options: StepOptions): Promise<void> {
    requireOptions(options);
    return this.#attempt.cancel(reason, options);
  }
}

/** The codes among which a human chooses (spec 09b §3.5). */
const sasChoices = 4;

/** A stage in which a human finds the code of the peer among four. */
export abstract class CodeChoice extends GreetingStage {
  readonly #right: SasCode;
  /** In random order, the right one exactly once. */
  protected readonly choices: readonly SasCode[];

  /** @internal */
  constructor(attempt: AnyAttempt, right: SasCode) {
    super(attempt);
    this.#right = right;
    this.choices = sasCandidates(right, sasChoices);
  }

  /**
   * None of the codes: somebody may be in between. Ends the greeting for both sides.
   * @throws GreetingCancelledError when it was cancelled before; InvitationError, ConnectionError
   */
  denyTrust(options: StepOptions = {}): Promise<void> {
    return this.giveUp("INVALID_SAS_CODE", options);
  }

  /** Ends the greeting for both sides when the choice is wrong. @throws InvitationError SAS_CODE_MISMATCH */
  protected async requireRight(choice: SasCode, options: StepOptions): Promise<void> {
    requireText("choice", choice);
    requireOptions(options);
    if (choice === this.#right) return;
    // That the codes differ is what the caller must hear of, whatever becomes of the cancellation.
    await this.denyTrust(options).catch(() => undefined);
    throw new InvitationError("SAS_CODE_MISMATCH");
  }
}
