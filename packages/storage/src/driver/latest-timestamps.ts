import { toHex } from "@parsec/base";
import type { LastTimestamp } from "./port.ts";

/** The greatest timestamp of each type, or of each type and first filter, of the certificates that are added. */
export class LatestTimestamps {
  readonly #byFilter1: ReadonlySet<string>;
  readonly #latest = new Map<string, LastTimestamp>();

  constructor(byFilter1: readonly string[]) {
    this.#byFilter1 = new Set(byFilter1);
  }

  add(type: string, filter: Uint8Array | null, timestamp: number): void {
    const filter1 = this.#byFilter1.has(type) ? filter : null;
    const group = `${type} ${filter1 === null ? "" : toHex(filter1)}`;
    const known = this.#latest.get(group);
    if (known === undefined || known.timestamp < timestamp) this.#latest.set(group, { type, filter1, timestamp });
  }

  all(): readonly LastTimestamp[] {
    return [...this.#latest.values()];
  }
}
