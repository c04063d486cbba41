import { hasCode } from "@parsec/base";
import type { UserId } from "@parsec/types";
import { InvitationError } from "../errors.ts";
import type { StepOptions } from "./attempt.ts";
import { type ClaimContext, type ClaimerAttempt, meetGreeter } from "./claimer.ts";
import type { Met } from "./greeter.ts";

/**
 * Meets whichever of the greeters comes first. A greeter who may not greet any more, or who gave up, is passed over
 * while others are left; any other failure ends it. The attempts with the others are cancelled (spec 09b §4.2).
 * @throws as {@link meetGreeter}; InvitationError GREETER_NOT_ALLOWED when there is nobody to meet
 */
export async function meetAnyGreeter(
  context: ClaimContext,
  greeters: readonly UserId[],
  options: StepOptions = {},
): Promise<Met<ClaimerAttempt>> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const meetings = greeters.map((greeter) => meetGreeter(context, greeter, { signal }));
  try {
    return await firstDecisive(meetings);
  } finally {
    stop.abort();
    await Promise.allSettled(meetings);
  }
}

function firstDecisive<T>(meetings: readonly Promise<T>[]): Promise<T> {
  return new Promise((resolve, reject) => {
    if (meetings.length === 0) reject(new InvitationError("GREETER_NOT_ALLOWED"));
    let left = meetings.length;
    for (const meeting of meetings) {
      meeting.then(resolve, (error: unknown) => {
        left -= 1;
        if (left === 0 || !hasCode(error, "GREETER_NOT_ALLOWED", "GREETING_CANCELLED")) reject(error);
      });
    }
  });
}
