import { AccessToken, Bool } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { EmailSentStatus } from "../shared/email-sent-status.ts";

/** Invites a new device of the caller's own user. A pending invitation is given again (spec 05 §13.1). */
export const inviteNewDevice = /* @__PURE__ */ command("authenticated", "invite_new_device", () => ({
  request: { sendEmail: Bool },
  replies: {
    ok: { token: AccessToken, emailSent: EmailSentStatus },
  },
}));
export type InviteNewDeviceRequest = RequestOf<typeof inviteNewDevice>;
export type InviteNewDeviceReply = ReplyOf<typeof inviteNewDevice>;
