import type { Mail, Mailer, MailOutcome } from "./port.ts";

export interface ReceivedMail extends Mail {
  /** Microseconds since the Unix epoch, by the server's clock. */
  readonly sentAt: number;
}

/** Mails kept: anybody may cause some, and nobody need ever read them. */
const capacity = 5000;

/** A mailer that delivers to a mailbox in memory, for tests to read. */
export class MemoryMailbox implements Mailer {
  readonly #now: () => number;
  #mails: ReceivedMail[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  async send(mail: Mail): Promise<MailOutcome> {
    this.#mails.push({ ...mail, sentAt: this.#now() });
    if (this.#mails.length > capacity) this.#mails.shift();
    return "SENT";
  }

  /** What a recipient got, or everything, oldest first. */
  received(recipient?: string): readonly ReceivedMail[] {
    return this.#mails.filter((mail) => recipient === undefined || mail.recipient === recipient);
  }

  clear(): void {
    this.#mails = [];
  }

  async close(): Promise<void> {}
}
