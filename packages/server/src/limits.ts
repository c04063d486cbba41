import { ParsecError } from "@parsec/base";
import type { DateTime } from "@parsec/types";
import type { ByteLimits } from "./http/byte-budget.ts";
import { sourceOf } from "./rules/source.ts";

/**
 * What callers whom nobody knows, anonymous ones and holders of an invitation, may make the server keep, so that they
 * cannot fill its memory. Where something old can go without harm it goes, and nobody is refused; else the request is
 * refused with HTTP 503: clients of every version take it for a server that is not available now, and try again later,
 * where 429 would be an error that they do not know.
 */
export interface Limits {
  /** Of one source, in an hour. A source is an address, or a network of IPv6; behind trusted proxies, the client's. */
  readonly perSource: { readonly [K in SourceLimit]: number };
  /** Of one organization. */
  readonly perOrganization: {
    /** Enrollments that wait for an answer. */
    readonly waitingEnrollments: number;
    /** Bytes of their payloads and certificates, with those of the cancelled ones. */
    readonly enrollmentBytes: number;
    /** Cancelled enrollments that are kept, so that their submitters can learn of it. */
    readonly cancelledEnrollments: number;
  };
  /**
   * Bodies of requests in memory at once. A body is read before its sender is known: further ones wait, unread, until
   * others are done or their time is over.
   */
  readonly bodyBytes: ByteLimits;
  /** Attempts kept between an invitation and a greeter. What was said in those that are over is gone at once. */
  readonly greetingAttempts: number;
  /** Organizations kept that were created spontaneously and are not bootstrapped: anybody may create them again. */
  readonly spontaneousOrganizations: number;
}

export type SourceLimit = "enrollments" | "enrollmentBytes" | "greetingAttempts" | "organizations";

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  perSource: { enrollments: 200, enrollmentBytes: 32 * mebibyte, greetingAttempts: 2000, organizations: 1000 },
  perOrganization: { waitingEnrollments: 500, enrollmentBytes: 32 * mebibyte, cancelledEnrollments: 50 },
  bodyBytes: { total: 256 * mebibyte, perSource: 64 * mebibyte },
  greetingAttempts: 16,
  spontaneousOrganizations: 1000,
};

/** A limit is reached. The request changed nothing, and may be sent again after `retryAfter` seconds. */
export class LimitReachedError extends ParsecError<"LIMIT_REACHED"> {
  override readonly name: string = "LimitReachedError";
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super("LIMIT_REACHED", "Too many requests of this kind; try again later");
    this.retryAfter = retryAfter;
  }
}

const second = 1_000_000;
/** Seconds over which the uses of a source are counted. */
const period = 3600;
/** How many sources are remembered: beyond, the one first seen is forgotten. */
const maxSources = 50_000;

/** A request, as far as it says who sent it. */
interface Caller {
  /** Empty when it is not known. */
  readonly ip: string;
}

interface Usage {
  readonly since: DateTime;
  readonly used: Map<SourceLimit, number>;
}

/** Counts what each source has made the server keep. In memory, process by process, as the limit of mails. */
export class SourceUsage {
  readonly #sources = new Map<string, Usage>();
  readonly #counted = new WeakMap<Caller, Set<SourceLimit>>();

  /**
   * Counts `amount` more for who sent a request; once for each request, though its transaction may be tried again.
   * @throws LimitReachedError when it is too much; it is not counted then
   */
  take(caller: Caller, what: SourceLimit, amount: number, { perSource }: Limits, now: DateTime): void {
    const source = sourceOf(caller.ip);
    const counted = this.#counted.get(caller) ?? new Set();
    if (source === "" || counted.has(what)) return;
    const { since, used } = this.#usageOf(source, now);
    const total = (used.get(what) ?? 0) + amount;
    if (total > perSource[what]) throw new LimitReachedError(Math.ceil((since + period * second - now) / second));
    used.set(what, total);
    this.#counted.set(caller, counted.add(what));
  }

  reset(): void {
    this.#sources.clear();
  }

  #usageOf(source: string, now: DateTime): Usage {
    const known = this.#sources.get(source);
    // A clock that was set back must not make a period last for ever.
    if (known !== undefined && now >= known.since && now < known.since + period * second) return known;
    const fresh = { since: now, used: new Map<SourceLimit, number>() };
    this.#sources.delete(source);
    this.#sources.set(source, fresh);
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size <= maxSources) break;
      this.#sources.delete(oldest);
    }
    return fresh;
  }
}
