export { invitedCommands } from "./commands.ts";
export {
  type InviteClaimerCancelGreetingAttemptReply,
  type InviteClaimerCancelGreetingAttemptRequest,
  inviteClaimerCancelGreetingAttempt,
} from "./invite-claimer-cancel-greeting-attempt.ts";
export {
  type InviteClaimerStartGreetingAttemptReply,
  type InviteClaimerStartGreetingAttemptRequest,
  inviteClaimerStartGreetingAttempt,
} from "./invite-claimer-start-greeting-attempt.ts";
export {
  type InviteClaimerStepReply,
  type InviteClaimerStepRequest,
  inviteClaimerStep,
} from "./invite-claimer-step.ts";
export {
  InvitationInfo,
  type InviteInfoReply,
  type InviteInfoRequest,
  inviteInfo,
  ShamirRecoveryRecipient,
  UserGreetingAdministrator,
  UserOnlineStatus,
} from "./invite-info.ts";
export {
  type InviteShamirRecoveryRevealReply,
  type InviteShamirRecoveryRevealRequest,
  inviteShamirRecoveryReveal,
} from "./invite-shamir-recovery-reveal.ts";
export { type InvitedPingReply, type InvitedPingRequest, invitedPing } from "./ping.ts";
