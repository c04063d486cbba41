import { createTransport, type Transporter } from "nodemailer";
import type { Mail, Mailer, MailOutcome } from "./port.ts";

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly implicitTls: boolean;
  /** STARTTLS, required; ignored with `implicitTls`. */
  readonly startTls: boolean;
  /** PEM of an authority that signs the mail server's certificate; those of the system by default. */
  readonly authority?: string;
  readonly login?: { readonly user: string; readonly password: string };
}

/** Milliseconds to wait for a server that does not answer. */
const timeout = 30_000;

/** Sends over SMTP: one message to one recipient, text and HTML (spec 08c §6). */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;

  constructor({ host, port, implicitTls, startTls, authority, login }: SmtpOptions) {
    this.#transport = createTransport({
      host,
      port,
      secure: implicitTls,
      requireTLS: startTls && !implicitTls,
      ignoreTLS: !startTls,
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      ...(authority === undefined ? {} : { tls: { ca: authority } }),
      ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    });
  }

  async send(mail: Mail): Promise<MailOutcome> {
    const { sender, recipient, replyTo, subject, text, html } = mail;
    const replyToHeader = replyTo === null ? {} : { replyTo: { name: replyTo.label, address: replyTo.email } };
    try {
      await this.#transport.sendMail({ from: sender, to: recipient, subject, text, html, ...replyToHeader });
      return "SENT";
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}

/** A refused recipient, a server that says it cannot (421…), and everything else: a wrong configuration. */
function outcomeOf(error: unknown): MailOutcome {
  if (!(error instanceof Error) || !("command" in error)) return "BAD_SMTP_CONFIG";
  if (error.command === "RCPT TO") return "RECIPIENT_REFUSED";
  const greetingRefused = error.command === "CONN" && "responseCode" in error && error.responseCode !== undefined;
  return greetingRefused ? "SERVER_UNAVAILABLE" : "BAD_SMTP_CONFIG";
}
