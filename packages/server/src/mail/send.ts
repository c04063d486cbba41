import type { EmailSentStatus } from "@parsec/protocol";
import type { ServerContext } from "../context.ts";
import { renderHtml, renderText } from "./layout.ts";
import { type Message, messageBody } from "./messages.ts";
import type { MailAddress, MailOutcome } from "./port.ts";

/** Sends a message in the server's language. Never inside a transaction. */
export async function sendMessage(
  { config, mailer }: ServerContext,
  recipient: string,
  message: Message,
  options: { readonly replyTo?: MailAddress } = {},
): Promise<MailOutcome> {
  const { emailLanguage, templates } = config;
  const body = messageBody(message, emailLanguage);
  const mail = {
    sender: config.emailSender,
    recipient,
    replyTo: options.replyTo ?? null,
    subject: body.subject,
    text: templates?.text(message) ?? renderText(body, emailLanguage),
    html: templates?.html(message) ?? renderHtml(body, emailLanguage),
  };
  // A mailer that rejects breaks its port's promise: to the caller it is a failure like any other.
  return await mailer.send(mail).catch(() => "BAD_SMTP_CONFIG" as const);
}

/** How replies tell an outcome: a bad configuration is the server's fault too (spec 08b §8.4). */
export function emailSentStatus(outcome: MailOutcome): EmailSentStatus {
  if (outcome === "SENT") return "SUCCESS";
  return outcome === "RECIPIENT_REFUSED" ? outcome : "SERVER_UNAVAILABLE";
}
