import { inviteClaimerCancelGreetingAttempt } from "./invite-claimer-cancel-greeting-attempt.ts";
import { inviteClaimerStartGreetingAttempt } from "./invite-claimer-start-greeting-attempt.ts";
import { inviteClaimerStep } from "./invite-claimer-step.ts";
import { inviteInfo } from "./invite-info.ts";
import { inviteShamirRecoveryReveal } from "./invite-shamir-recovery-reveal.ts";
import { invitedPing } from "./ping.ts";

/** The invited commands, by their name on the wire (spec 05 §13.3). */
export const invitedCommands = {
  invite_claimer_cancel_greeting_attempt: inviteClaimerCancelGreetingAttempt,
  invite_claimer_start_greeting_attempt: inviteClaimerStartGreetingAttempt,
  invite_claimer_step: inviteClaimerStep,
  invite_info: inviteInfo,
  invite_shamir_recovery_reveal: inviteShamirRecoveryReveal,
  ping: invitedPing,
} as const;
