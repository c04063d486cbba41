/** One message to one recipient. Texts, not MIME. */
export interface Mail {
  readonly sender: string;
  readonly recipient: string;
  /** `label <email>` of the person who caused the mail. */
  readonly replyTo: MailAddress | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailAddress {
  readonly label: string;
  readonly email: string;
}

/** How a sending went (spec 08c §6.1). RPC replies merge the last two. */
export type MailOutcome = "SENT" | "RECIPIENT_REFUSED" | "SERVER_UNAVAILABLE" | "BAD_SMTP_CONFIG";

export interface Mailer {
  /** Never rejects: a failure is an outcome. */
  send(mail: Mail): Promise<MailOutcome>;
  close(): Promise<void>;
}
