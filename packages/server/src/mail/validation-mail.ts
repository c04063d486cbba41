import type { EmailAddress, ValidationCode } from "@parsec/types";
import type { ServerContext } from "../context.ts";
import { sendMessage } from "./send.ts";

/** Check 1 of the commands that mail a code: the attempt counts even if what follows fails (spec 08b §2.2). */
export function rateLimited(server: ServerContext, email: EmailAddress, ip: string) {
  const attempt = { on: server.now(), email, ip };
  const waitUntil = server.emailRateLimiter.register(attempt, server.config.emailRateLimit);
  return waitUntil === undefined ? undefined : ({ status: "email_sending_rate_limited", waitUntil } as const);
}

/**
 * Mails a code to an address that may be unknown; `prepare` gives the code, or null where there is nothing to send. When
 * the reply leaves depends neither on that nor on the mail server: after `mailReplyDelay` milliseconds, counted from the
 * call, whatever has happened by then. A mail that takes longer goes on, and its failure is only told to the operator.
 */
export async function mailCodeUnseen(
  server: ServerContext,
  about: "account_creation" | "account_recovery",
  email: EmailAddress,
  prepare: () => Promise<ValidationCode | null>,
): Promise<CodeMailReply> {
  const { mailReplyDelay } = server.config;
  const pause = mailReplyDelay > 0 ? server.pause(mailReplyDelay) : undefined;
  const code = await prepare();
  const sending = code === null ? Promise.resolve(sent) : sendValidationMail(server, about, email, code);
  if (pause === undefined) return await sending;
  const state = { reply: sent, hasLeft: false };
  void sending.then((outcome) => {
    if (!state.hasLeft) state.reply = outcome;
    else if (outcome.status !== "ok") {
      server.diagnostics({ area: "server", event: "mail_failed_after_reply", fields: { status: outcome.status } });
    }
  });
  await pause;
  state.hasLeft = true;
  return state.reply;
}

/** How the sending of a code went, as replies tell it. */
interface CodeMailReply {
  readonly status: "ok" | "email_recipient_refused" | "email_server_unavailable";
}

const sent: CodeMailReply = { status: "ok" };

/** Mails a code: the reply of the command. */
export async function sendValidationMail(
  server: ServerContext,
  about: "account_creation" | "account_deletion" | "account_recovery",
  email: EmailAddress,
  code: ValidationCode,
): Promise<CodeMailReply> {
  switch (await sendMessage(server, email, { about, code })) {
    case "SENT":
      return sent;
    case "RECIPIENT_REFUSED":
      return { status: "email_recipient_refused" };
    default:
      return { status: "email_server_unavailable" };
  }
}
