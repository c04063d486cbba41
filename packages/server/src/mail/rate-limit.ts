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

/** What was sent to a mailbox, or asked for from a source, in the last hour, oldest first. */
type Recent = Map<string, Entry[]>;

interface Entry {
  readonly on: DateTime;
  readonly recipient: string;
  readonly source: string;
}

/** Keeps account mails from flooding a recipient, or coming in floods from one address (spec 08c §6.3). */
export class EmailRateLimiter {
  /** In the order of registration. */
  #entries = new Set<Entry>();
  #byRecipient: Recent = new Map();
  #bySource: Recent = new Map();

  /**
   * Registers the intent to send and gives `undefined`, or refuses and gives the date from which it may be tried again.
   * `limit.cooldown` is in seconds; `limit.maxPerHour` 0 is no limit.
   */
  register(
    { on, email, ip }: Sending,
    limit: { readonly cooldown: number; readonly maxPerHour: number },
  ): DateTime | undefined {
    const entry = { on, recipient: canonicalRecipient(email), source: sourceOf(ip) };
    this.#forget(DateTime.fromMicros(on - hour));
    const isLimited = limit.cooldown > 0 || limit.maxPerHour > 0;
    const relevant = isLimited ? this.#relevant(entry) : [];
    const [oldest, last] = [relevant[0], relevant.at(-1)];
    if (oldest !== undefined && last !== undefined) {
      const rested = last.on + Math.max(0, limit.cooldown) * second;
      if (on < rested) return DateTime.fromMicros(rested);
      if (limit.maxPerHour > 0 && relevant.length >= limit.maxPerHour) return DateTime.fromMicros(oldest.on + hour);
    }
    this.#entries.add(entry);
    append(this.#byRecipient, entry.recipient, entry);
    append(this.#bySource, entry.source, entry);
    return undefined;
  }

  reset(): void {
    this.#entries = new Set();
    this.#byRecipient = new Map();
    this.#bySource = new Map();
  }

  /** Those with the same recipient, or the same known source, oldest first. */
  #relevant({ recipient, source }: Entry): readonly Entry[] {
    const toRecipient = this.#byRecipient.get(recipient) ?? [];
    const fromSource = source === "" ? [] : (this.#bySource.get(source) ?? []);
    return [...new Set([...toRecipient, ...fromSource])].sort((a, b) => a.on - b.on);
  }

  #forget(until: DateTime): void {
    for (const entry of this.#entries) {
      if (entry.on > until) break;
      this.#entries.delete(entry);
      removeFirst(this.#byRecipient, entry.recipient);
      removeFirst(this.#bySource, entry.source);
    }
  }
}

function append(recent: Recent, key: string, entry: Entry): void {
  const entries = recent.get(key);
  if (entries === undefined) recent.set(key, [entry]);
  else entries.push(entry);
}

function removeFirst(recent: Recent, key: string): void {
  const entries = recent.get(key);
  entries?.shift();
  if (entries?.length === 0) recent.delete(key);
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
