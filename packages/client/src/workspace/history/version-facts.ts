import type { DateTime, VlobId } from "@parsec/types";
import { InvalidHistoryError, type InvalidHistoryReason } from "./errors.ts";

/** One version of an entry. */
export interface DatedVersion {
  readonly version: number;
  readonly timestamp: DateTime;
}

interface NotFound {
  readonly kind: "not_found";
  until: number;
}

interface Exists<V> {
  readonly kind: "exists";
  readonly version: V;
  /** The version is the one of all moments from its own to this. */
  until: number;
}

/** - `not_found`: there was no such entry then. - `unknown`: the source has to be asked. */
export type Resolution<V> = V | "not_found" | "unknown";

/**
 * What is known of one entry over time, in order (spec 11 §19.3). What the source says is added once it is checked
 * against what it said before. No I/O.
 */
export class VersionFacts<V extends DatedVersion> {
  readonly #id: VlobId;
  readonly #facts: (NotFound | Exists<V>)[] = [];

  constructor(id: VlobId) {
    this.#id = id;
  }

  /** The version of a moment, as far as it is known. */
  resolve(at: DateTime): Resolution<V> {
    const fact = this.#facts.find(({ until }) => at <= until);
    if (fact === undefined) return "unknown";
    if (fact.kind === "not_found") return "not_found";
    if (at >= fact.version.timestamp) return fact.version;
    return fact.version.version === 1 ? "not_found" : "unknown";
  }

  /** There was no such entry at that moment. @throws InvalidHistoryError */
  addNotFound(at: DateTime): void {
    const [first] = this.#facts;
    if (first?.kind === "not_found") {
      first.until = Math.max(first.until, at);
      return;
    }
    if (first !== undefined && first.version.timestamp <= at) throw this.#contradiction("ALREADY_KNOWN_TO_EXIST", at);
    if (first?.version.version !== 1) this.#facts.unshift({ kind: "not_found", until: at });
  }

  /** That was the version at that moment. @throws InvalidHistoryError */
  addVersion(at: DateTime, version: V): void {
    if (version.timestamp > at) throw this.#contradiction("TOO_RECENT", at);
    const fact: Exists<V> = { kind: "exists", version, until: at };
    for (const [index, known] of this.#facts.entries()) {
      if (known.kind === "not_found") {
        if (known.until >= version.timestamp) throw this.#contradiction("ALREADY_KNOWN_TO_BE_NOT_FOUND", at);
      } else if (at < known.until) {
        if (this.#isEarlier(fact, known, at)) this.#facts.splice(index, 0, fact);
        return;
      }
    }
    const last = this.#facts.at(-1);
    if (last?.kind !== "exists" || this.#isLater(fact, last, at)) this.#facts.push(fact);
  }

  /** Whether the fact is one of its own, before `known`, which reaches beyond it. */
  #isEarlier(fact: Exists<V>, known: Exists<V>, at: DateTime): boolean {
    const { version, timestamp } = fact.version;
    if (version > known.version.version) {
      throw this.#contradiction("ALREADY_KNOWN_TO_HAVE_MORE_RECENT_SMALLER_VERSION", at);
    }
    const isSame = version === known.version.version;
    if (isSame ? timestamp !== known.version.timestamp : at >= known.version.timestamp) {
      throw this.#contradiction("ALREADY_KNOWN_AND_DIFFERS", at);
    }
    if (version + 1 === known.version.version) fact.until = known.version.timestamp - 1;
    return !isSame;
  }

  /** Whether the fact is one of its own, after all that are known, of which `last` is the last one. */
  #isLater(fact: Exists<V>, last: Exists<V>, at: DateTime): boolean {
    const { version, timestamp } = fact.version;
    if (version === last.version.version) {
      if (timestamp !== last.version.timestamp) throw this.#contradiction("ALREADY_KNOWN_AND_DIFFERS", at);
      last.until = Math.max(last.until, at);
      return false;
    }
    if (version < last.version.version || timestamp <= last.version.timestamp) {
      throw this.#contradiction("ALREADY_KNOWN_TO_HAVE_MORE_RECENT_SMALLER_VERSION", at);
    }
    if (version === last.version.version + 1) last.until = timestamp - 1;
    return true;
  }

  #contradiction(reason: InvalidHistoryReason, at: DateTime): InvalidHistoryError {
    return new InvalidHistoryError(reason, this.#id, at);
  }
}
