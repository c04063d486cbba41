import { DateTime } from "@parsec/types";

interface Sending {
  readonly on: DateTime;
  readonly email: string;
  readonly ip: string;
}

const second = 1_000_000;
const hour = 3600 * second;

/** Keeps account mails from flooding a recipient, or coming in floods from one address (spec 08c §6.3). */
export class EmailRateLimiter {
  #sendings: Sending[] = [];

  /**
   * Registers the intent to send and gives `undefined`, or refuses and gives the date from which it may be tried again.
   * `limit.cooldown` is in seconds; `limit.maxPerHour` 0 is no limit.
   */
  register(attempt: Sending, limit: { readonly cooldown: number; readonly maxPerHour: number }): DateTime | undefined {
    this.#sendings = this.#sendings.filter(({ on }) => on > attempt.on - hour);
    const relevant = this.#sendings.filter(
      ({ email, ip }) => email === attempt.email || (ip !== "" && ip === attempt.ip),
    );
    const [oldest, last] = [relevant[0], relevant.at(-1)];
    if (oldest !== undefined && last !== undefined) {
      const rested = last.on + Math.max(0, limit.cooldown) * second;
      if (attempt.on < rested) return DateTime.fromMicros(rested);
      if (limit.maxPerHour > 0 && relevant.length >= limit.maxPerHour) return DateTime.fromMicros(oldest.on + hour);
    }
    this.#sendings.push(attempt);
    return undefined;
  }

  reset(): void {
    this.#sendings = [];
  }
}
