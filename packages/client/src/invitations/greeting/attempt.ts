import { throwIfAborted } from "@parsec/base";
import type { SasCodes, SecretKey } from "@parsec/crypto";
import type { CancelledGreetingAttemptReason } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import { GreetingCancelledError } from "../errors.ts";

export interface StepOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One greeting attempt, seen from one of its sides. */
export interface Attempt<OwnStep, PeerStep> {
  /** Gives the own part of a step; resolves with the peer's, as soon as the peer has given it. */
  step(step: OwnStep, options: StepOptions): Promise<PeerStep>;
  /** Tells the server, and through it the peer, that this side gives up. */
  cancel(reason: CancelledGreetingAttemptReason, options?: StepOptions): Promise<void>;
}

/** An attempt whatever its side: enough to give it up. */
export type AnyAttempt = Pick<Attempt<never, unknown>, "cancel">;

/** Both sides have met; the codes are still to be compared. */
export interface Met<A> {
  readonly attempt: A;
  readonly sharedKey: SecretKey;
  readonly codes: SasCodes;
}

/**
 * A step whose peer's part must be the one of that name. When the caller aborts, the attempt is cancelled as far as
 * possible, so that the peer does not wait for ever.
 */
export function exchange<OwnStep, PeerStep extends { readonly step: string }, Name extends PeerStep["step"]>(
  attempt: Attempt<OwnStep, PeerStep>,
  own: OwnStep,
  expected: Name,
  options: StepOptions,
): Promise<Extract<PeerStep, { readonly step: Name }>> {
  return cancelledOnAbort(attempt, options, async () => {
    const peer = await attempt.step(own, options);
    if (!isNamed(peer, expected)) throw new UnexpectedReplyError("invite step", `ok, with step ${peer.step}`);
    return peer;
  });
}

function isNamed<PeerStep extends { readonly step: string }, Name extends PeerStep["step"]>(
  peer: PeerStep,
  name: Name,
): peer is Extract<PeerStep, { readonly step: Name }> {
  return peer.step === name;
}

/** Does a part of a greeting; when the caller aborts it, the peer is told. */
export async function cancelledOnAbort<T>(
  attempt: AnyAttempt,
  options: StepOptions,
  part: () => Promise<T>,
): Promise<T> {
  try {
    throwIfAborted(options.signal);
    return await part();
  } catch (error) {
    if (options.signal?.aborted === true) await cancelQuietly(attempt, "MANUALLY_CANCELLED");
    throw error;
  }
}

/** Cancels on the way out of a failure: what failed first is what the caller hears of. */
export async function cancelQuietly(attempt: AnyAttempt, reason: CancelledGreetingAttemptReason): Promise<void> {
  await attempt.cancel(reason).catch(() => undefined);
}

/** How many times a new attempt follows one that the peer's new start has ended (spec 09b §3.4). */
const maxRestarts = 8;

/** Runs `greet` again while it ends because `peer` started over before this side had noticed. */
export async function restartWithPeer<T>(peer: "GREETER" | "CLAIMER", greet: () => Promise<T>): Promise<T> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await greet();
    } catch (error) {
      const isRestart =
        error instanceof GreetingCancelledError && error.origin === peer && error.reason === "AUTOMATICALLY_CANCELLED";
      if (!isRestart || restarts === maxRestarts) throw error;
    }
  }
}
