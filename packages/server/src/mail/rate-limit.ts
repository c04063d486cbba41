import { DateTime, EmailAddress } from "@parsec/types";
import { sourceOf } from "../rules/source.ts";

interface Sending {
  readonly on: DateTime;
  readonly email: EmailAddress;
  /** Empty when it is not known. */
  readonly ip: string;
}

const second = 1_000_000;
const hour = 3600 * second;

/** Keeps account mails from flooding a recipient, or coming in floods from one address (spec 08c §6.3). */
export class EmailRateLimiter {
  #sendings: { readonly on: DateTime; readonly recipient: string; readonly source: string }[] = [];

  /**
   * Registers the intent to send and gives `undefined`, or refuses and gives the date from which it may be tried again.
   * `limit.cooldown` is in seconds; `limit.maxPerHour` 0 is no limit.
   */
  register(attempt: Sending, limit: { readonly cooldown: number; readonly maxPerHour: number }): DateTime | undefined {
    const [recipient, ownSource] = [canonicalRecipient(attempt.email), sourceOf(attempt.ip)];
    this.#sendings = this.#sendings.filter(({ on }) => on > attempt.on - hour);
    const relevant = this.#sendings.filter(
      (each) => each.recipient === recipient || (ownSource !== "" && each.source === ownSource),
    );
    const [oldest, last] = [relevant[0], relevant.at(-1)];
    if (oldest !== undefined && last !== undefined) {
      const rested = last.on + Math.max(0, limit.cooldown) * second;
      if (attempt.on < rested) return DateTime.fromMicros(rested);
      if (limit.maxPerHour > 0 && relevant.length >= limit.maxPerHour) return DateTime.fromMicros(oldest.on + hour);
    }
    this.#sendings.push({ on: attempt.on, recipient, source: ownSource });
    return undefined;
  }

  reset(): void {
    this.#sendings = [];
  }
}

/**
 * Whose mailbox an address leads to, as far as that is common use: without regard to case, white space, quotes and what
 * stands after a `+`. Two accounts may share it; they then share the limit.
 */
function canonicalRecipient(email: EmailAddress): string {
  const { localPart, domain } = EmailAddress.parts(email);
  const plain = localPart
    .replace(/\s+/g, "")
    .replace(/^"(.*)"$/, "$1")
    .replace(/\\(.)/g, "$1");
  const mailbox = plain.replace(/(.)\+.*$/, "$1");
  return `${mailbox}@${domain.replace(/\s+/g, "")}`.toLowerCase();
}
