import type { Failure } from "../../../monitors/failures.ts";
import type { Pause } from "../../../monitors/pause.ts";
import type { StateChange } from "../../../monitors/sync-state.ts";

/** What the state of an engine is told by. */
export interface EngineFacts {
  /** Milliseconds of the clock. */
  readonly now: number;
  /** It works by itself, or somebody waits for it. */
  readonly isActive: boolean;
  readonly pause: Pause;
  /** Anything but uploads is under way or can be done. */
  readonly hasWork: boolean;
  readonly hasUploads: boolean;
  readonly canWrite: boolean;
  readonly uploadPause: Pause;
  readonly edition: number;
}

export function describeEngine(facts: EngineFacts): StateChange {
  const { now, pause, uploadPause, edition } = facts;
  const failure = pause.failure(now);
  const uploadFailure = uploadPause.failure(now);
  if (!facts.isActive) return { status: "idle", edition };
  if (failure !== undefined) return { ...waiting(failure, pause), edition };
  if (facts.hasWork) return { status: "working", edition };
  if (!facts.hasUploads) return { status: "idle", edition };
  if (!facts.canWrite) return { status: "waiting", reason: "READ_ONLY", edition };
  if (uploadFailure !== undefined) return { ...waiting(uploadFailure, uploadPause), edition };
  return { status: "working", edition };
}

function waiting({ error }: Failure, { until }: Pause): StateChange {
  return { status: "waiting", reason: error.code, error, nextTry: until * 1000 };
}

/** The first of these times that is still to come; infinite when none is. */
export function firstAfter(now: number, times: readonly number[]): number {
  return times.reduce((first, time) => (time > now ? Math.min(first, time) : first), Number.POSITIVE_INFINITY);
}
