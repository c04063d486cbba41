import { orAbort, throwIfAborted } from "@parsec/base";
import type { SasCodes, SecretKey } from "@parsec/crypto";
import type { CancelledGreetingAttemptReason } from "@parsec/types";
import { requireOptions } from "../../arguments.ts";
import { UnexpectedReplyError } from "../../errors.ts";
import { GreetingCancelledError } from "../errors.ts";

export interface StepOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a side may want to know of a step. */
export interface WatchedStepOptions extends StepOptions {
  /** The server has the own part, and the peer has not given theirs yet. */
  readonly onWaiting?: (() => void) | undefined;
}

/** One greeting attempt, seen from one of its sides. */
export interface Attempt<OwnStep, PeerStep> {
  /** Gives the own part of a step; resolves with the peer's, as soon as the peer has given it. */
  step(step: OwnStep, options: WatchedStepOptions): Promise<PeerStep>;
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
  options: WatchedStepOptions,
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

/** Does a part of a greeting; when the caller aborts it, it ends at once, and the peer is told. */
export async function cancelledOnAbort<T>(
  attempt: AnyAttempt,
  options: StepOptions,
  part: () => Promise<T>,
): Promise<T> {
  requireOptions(options);
  const { signal } = options;
  try {
    throwIfAborted(signal);
    return await orAbort(part(), signal);
  } catch (error) {
    if (signal?.aborted === true) cancelQuietly(attempt, "MANUALLY_CANCELLED");
    throw error;
  }
}

/**
 * Cancels on the way out of a failure: what failed first is what the caller hears of, now, and not when a server that
 * may be gone has answered.
 */
export function cancelQuietly(attempt: AnyAttempt, reason: CancelledGreetingAttemptReason): void {
  attempt.cancel(reason).catch(() => undefined);
}

/**
 * Asks for an attempt. Only the reply names the one that has to be cancelled (spec 09b §3.6): an abort does not stop
 * the request, it ends the waiting, and when the reply comes the attempt is given up.
 */
export function startedOrCancelled<A extends AnyAttempt>(starting: Promise<A>, { signal }: StepOptions): Promise<A> {
  return orAbort(starting, signal).catch((error: unknown) => {
    if (signal?.aborted === true) {
      starting.then((attempt) => cancelQuietly(attempt, "MANUALLY_CANCELLED")).catch(() => undefined);
    }
    throw error;
  });
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
