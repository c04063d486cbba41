import { type Clock, delay } from "@parsec/base";
import type { WatchedStepOptions } from "./attempt.ts";

/** Waits between the starts of two tries, in milliseconds (spec 09b §3.1). */
const firstWaitsMs = [62.5, 125, 250, 500] as const;
const lastWaitMs = 1000;

interface Reply {
  readonly status: string;
}

/** A reply that ends the waiting, whether it is good or bad. */
export type Settled<R extends Reply> = Exclude<R, { readonly status: "not_ready" }>;

/**
 * Sends the same step until the peer has sent its own. There is no time limit: people compare codes meanwhile.
 * An abort rejects with `signal.reason`.
 */
export async function untilReady<R extends Reply>(
  clock: Clock,
  send: () => Promise<R>,
  options: WatchedStepOptions = {},
): Promise<Settled<R>> {
  for (let tries = 0; ; tries += 1) {
    const start = clock.now();
    const reply = await send();
    if (isSettled(reply)) return reply;
    options.onWaiting?.();
    const waitMs = firstWaitsMs[tries] ?? lastWaitMs;
    // A clock that was set back in between must not make the wait longer.
    const elapsedMs = Math.max(0, (clock.now() - start) / 1000);
    await delay(clock, Math.max(0, waitMs - elapsedMs), options);
  }
}

function isSettled<R extends Reply>(reply: R): reply is Settled<R> {
  return reply.status !== "not_ready";
}
