import type { DateTime } from "./time.ts";

// How far the clocks of a client and its server may be apart (spec 03 §7), in seconds.

/** A client may be ahead of the server by less than this. */
export const ballparkClientEarlyOffset = 300;
/** A client may be late by less than this. */
export const ballparkClientLateOffset = 320;

/** True when the server accepts an instant that a client gives. Both bounds are excluded. */
export function isInBallpark(client: DateTime, server: DateTime): boolean {
  const lateMicros = server - client;
  return lateMicros > -ballparkClientEarlyOffset * 1e6 && lateMicros < ballparkClientLateOffset * 1e6;
}
