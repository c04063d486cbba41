import type { Handler } from "../handler.ts";
import type { InvitationCaller } from "../scope.ts";
import { inviteClaimerCancelGreetingAttemptHandler } from "./invite-claimer-cancel-greeting-attempt.ts";
import { inviteClaimerStartGreetingAttemptHandler } from "./invite-claimer-start-greeting-attempt.ts";
import { inviteClaimerStepHandler } from "./invite-claimer-step.ts";
import { inviteInfoHandler } from "./invite-info.ts";
import { inviteShamirRecoveryRevealHandler } from "./invite-shamir-recovery-reveal.ts";
import { invitedPingHandler } from "./ping.ts";

/** The commands of the family. */
export const invitedHandlers: readonly Handler<InvitationCaller>[] = [
  inviteClaimerCancelGreetingAttemptHandler,
  inviteClaimerStartGreetingAttemptHandler,
  inviteClaimerStepHandler,
  inviteInfoHandler,
  inviteShamirRecoveryRevealHandler,
  invitedPingHandler,
];
