import type { EmailSentStatus } from "@parsec/protocol";
import {
  type AccessToken,
  formatRedirection,
  type HumanHandle,
  type InvitationType,
  type OrganizationId,
} from "@parsec/types";
import type { ServerContext } from "../context.ts";
import { emailSentStatus, sendMessage } from "./send.ts";

export interface InvitationMail {
  readonly organizationId: OrganizationId;
  readonly invitationType: InvitationType;
  readonly token: AccessToken;
  readonly greeter: HumanHandle;
  readonly recipient: string;
}

/** Sends the link of an invitation to its claimer (spec 08c §6.2). Without server address there is no link to send. */
export async function sendInvitationMail(server: ServerContext, mail: InvitationMail): Promise<EmailSentStatus> {
  const { organizationId, invitationType, token, greeter, recipient } = mail;
  const { serverAddress } = server.config;
  if (serverAddress === null) return "SERVER_UNAVAILABLE";
  const url = formatRedirection({ ...serverAddress, kind: "invitation", organizationId, invitationType, token });
  if (invitationType === "DEVICE") {
    const message = { about: "device_invitation", organization: organizationId, url } as const;
    return emailSentStatus(await sendMessage(server, recipient, message));
  }
  const about = invitationType === "USER" ? "user_invitation" : "shamir_invitation";
  const message = { about, organization: organizationId, greeter: greeter.label, url } as const;
  return emailSentStatus(await sendMessage(server, recipient, message, { replyTo: greeter }));
}
