import { type Clock, type IncreasingClock, maxAheadMicros } from "@parsec/base";
import { DateTime } from "@parsec/types";
import { type ClockDrift, ClockDriftError, GreaterTimestampError } from "../errors.ts";
import type { ClientEvent } from "./events.ts";

/** How far beyond the date that the server names the next try goes, in microseconds (spec 09a §6.1). */
export const timestampOffset = {
  common: 500_000,
  shamir: 500_000,
  realm: 250_000,
  manifest: 100_000,
  archiving: 1_000,
} as const;

/** Architecture §7. */
const maxRetries = 8;

interface DatingContext {
  readonly clock: Clock;
  readonly signingClock: IncreasingClock;
  readonly events?: { send(event: ClientEvent): void } | undefined;
}

/** The two replies that are about the date alone. */
type AboutDate =
  | { readonly status: "require_greater_timestamp"; readonly strictlyGreaterThan: DateTime }
  | ({ readonly status: "timestamp_out_of_ballpark" } & ClockDrift);

/** A reply that is about more than the date, and the date that was used. */
export interface Dated<Reply> {
  readonly reply: Exclude<
    Reply,
    AboutDate | { readonly status: "require_greater_timestamp" | "timestamp_out_of_ballpark" }
  >;
  readonly timestamp: DateTime;
}

/**
 * Signs and sends with a date of now, and again with a later one while the server asks for it (spec 09a §6.1).
 * `attempt` builds everything that holds the date anew.
 * @throws ClockDriftError
 * @throws GreaterTimestampError after 8 retries, or when the server asks for more than 300 s ahead
 */
export async function withGreaterTimestamp<Reply extends { readonly status: string }>(
  context: DatingContext,
  offset: number,
  attempt: (timestamp: DateTime) => Promise<Reply>,
): Promise<Dated<Reply>> {
  let atLeast: number | undefined;
  for (let retries = 0; ; retries += 1) {
    const timestamp = DateTime.fromMicros(context.signingClock.next(atLeast));
    const reply: Reply | AboutDate = await attempt(timestamp);
    if (isClockDrift(reply)) {
      context.events?.send({ type: "clock_drift", error: new ClockDriftError(reply) });
      throw new ClockDriftError(reply);
    }
    // What is neither of the two replies about the date is the rest: the compiler does not narrow a type parameter.
    if (!isTooOld(reply)) return { reply: reply as Dated<Reply>["reply"], timestamp };
    const next = reply.strictlyGreaterThan + offset;
    atLeast = next - 1;
    if (retries === maxRetries || next > context.clock.now() + maxAheadMicros) {
      throw new GreaterTimestampError(reply.strictlyGreaterThan);
    }
  }
}

function isTooOld(reply: { readonly status: string }): reply is Extract<AboutDate, { strictlyGreaterThan: DateTime }> {
  return reply.status === "require_greater_timestamp";
}

function isClockDrift(reply: { readonly status: string }): reply is Extract<AboutDate, ClockDrift> {
  return reply.status === "timestamp_out_of_ballpark";
}
