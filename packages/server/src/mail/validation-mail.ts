import type { EmailAddress, ValidationCode } from "@parsec/types";
import type { ServerContext } from "../context.ts";
import { sendMessage } from "./send.ts";

/** Check 1 of the commands that mail a code: the attempt counts even if what follows fails (spec 08b §2.2). */
export function rateLimited(server: ServerContext, email: EmailAddress, ip: string) {
  const attempt = { on: server.now(), email, ip };
  const waitUntil = server.emailRateLimiter.register(attempt, server.config.emailRateLimit);
  return waitUntil === undefined ? undefined : ({ status: "email_sending_rate_limited", waitUntil } as const);
}

/** Mails a code: the reply of the command. */
export async function sendValidationMail(
  server: ServerContext,
  about: "account_creation" | "account_deletion" | "account_recovery",
  email: EmailAddress,
  code: ValidationCode,
) {
  switch (await sendMessage(server, email, { about, code })) {
    case "SENT":
      return { status: "ok" } as const;
    case "RECIPIENT_REFUSED":
      return { status: "email_recipient_refused" } as const;
    default:
      return { status: "email_server_unavailable" } as const;
  }
}
