import { hasCode, joinSignals, throwIfAborted } from "@parsec/base";
import type { UserId } from "@parsec/types";
import { InvitationError } from "../errors.ts";
import { cancelQuietly, type Met, type StepOptions } from "./attempt.ts";
import { type ClaimContext, type ClaimerAttempt, meetGreeter } from "./claimer.ts";

/**
 * Meets whichever of the greeters comes first. A greeter who may not greet any more, or who gave up, is passed over
 * while others are left; any other failure ends it. The attempts with the others are cancelled (spec 09b §4.2).
 * @throws MeetGreeterError: GREETER_NOT_FOUND when there is nobody to meet
 */
export async function meetAnyGreeter(
  context: ClaimContext,
  greeters: readonly UserId[],
  options: StepOptions = {},
): Promise<Met<ClaimerAttempt>> {
  const { signal } = options;
  throwIfAborted(signal);
  const stop = joinSignals(signal);
  const meetings = greeters.map((greeter) => meetGreeter(context, greeter, { signal: stop.signal }));
  let first: Met<ClaimerAttempt> | undefined;
  try {
    first = await firstDecisive(meetings);
    return first;
  } finally {
    stop.release();
    stop.abort(new DOMException("Somebody else was met first", "AbortError"));
    leaveOthers(meetings, first);
  }
}

function firstDecisive<T>(meetings: readonly Promise<T>[]): Promise<T> {
  return new Promise((resolve, reject) => {
    if (meetings.length === 0) reject(new InvitationError("GREETER_NOT_FOUND"));
    let left = meetings.length;
    for (const meeting of meetings) {
      meeting.then(resolve, (error: unknown) => {
        left -= 1;
        if (left === 0 || !hasCode(error, "GREETER_NOT_ALLOWED", "GREETING_CANCELLED")) reject(error);
      });
    }
  });
}

/** Two greeters may come at the same moment: the second one is told. The others hear of it by the abort. */
function leaveOthers(meetings: readonly Promise<Met<ClaimerAttempt>>[], first: Met<ClaimerAttempt> | undefined): void {
  for (const meeting of meetings) {
    meeting.then(
      (met) => {
        if (met !== first) cancelQuietly(met.attempt, "MANUALLY_CANCELLED");
      },
      () => undefined,
    );
  }
}
