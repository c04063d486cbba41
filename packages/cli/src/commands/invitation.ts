import type { ListedInvitation, NewInvitation } from "@parsec/client";
import { AccessToken, DateTime } from "@parsec/types";
import type { Invocation } from "../invocation.ts";
import { withSession } from "../session.ts";

export function inviteUser(invocation: Invocation): Promise<void> {
  const email = invocation.operand("email");
  return withSession(invocation, async (session) => {
    tellNew(invocation, await session.invitations.inviteUser(email, inviteOptions(invocation)));
  });
}

export function inviteDevice(invocation: Invocation): Promise<void> {
  return withSession(invocation, async (session) => {
    tellNew(invocation, await session.invitations.inviteDevice(inviteOptions(invocation)));
  });
}

function inviteOptions(invocation: Invocation): { readonly sendEmail: boolean; readonly signal: AbortSignal } {
  return { sendEmail: invocation.flag("sendEmail"), signal: invocation.signal };
}

function tellNew(invocation: Invocation, { token, link, redirection, emailSent }: NewInvitation): void {
  const { output } = invocation;
  if (invocation.flag("sendEmail") && emailSent !== "SUCCESS") {
    output.note(`The server could not send the e-mail (${emailSent}): hand the link over yourself`);
  }
  output.tell({ type: "invitation", token, link, redirection, emailSent }, link);
}

export function list(invocation: Invocation): Promise<void> {
  return withSession(invocation, async (session) => {
    for (const invited of await session.invitations.list({ signal: invocation.signal })) {
      const { type: kind, token, status, link } = invited;
      const [createdOn, claimer] = [DateTime.formatRfc3339(invited.createdOn), claimerOf(invited)];
      const record = { type: "invitation", kind, token, status, link, createdOn, claimer };
      invocation.output.tell(record, `${token}  ${kind}  ${status}  ${claimer ?? ""}`.trimEnd());
    }
  });
}

function claimerOf(invited: ListedInvitation): string | undefined {
  if (invited.type === "USER") return invited.claimerEmail;
  return invited.type === "SHAMIR_RECOVERY" ? invited.claimerUserId : undefined;
}

export function cancel(invocation: Invocation): Promise<void> {
  const token = AccessToken.parse(invocation.operand("token"));
  return withSession(invocation, async (session) => {
    await session.invitations.cancel(token, { signal: invocation.signal });
    invocation.output.report({ type: "cancelled", token }, `${token} is cancelled`);
  });
}
