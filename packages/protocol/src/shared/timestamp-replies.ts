import { DateTime, Float } from "@parsec/types";

/** The client's clock is too far from the server's: the fields of `timestamp_out_of_ballpark` (spec 05 §12). */
export const timestampOutOfBallpark = {
  /** Seconds by which a timestamp may be early. */
  ballparkClientEarlyOffset: Float,
  /** Seconds by which a timestamp may be late. */
  ballparkClientLateOffset: Float,
  serverTimestamp: DateTime,
  clientTimestamp: DateTime,
} as const;

/** Something of the same or a later timestamp is there: the fields of `require_greater_timestamp` (spec 05 §12). */
export const requireGreaterTimestamp = { strictlyGreaterThan: DateTime } as const;
