import { equalBytes } from "@parsec/base";
import { LatestTimestamps } from "../latest-timestamps.ts";
import type {
  CertificateFilter,
  CertificateListOptions,
  CertificateRow,
  CertificatesDatabase,
  CertificateWrite,
  LastTimestamp,
} from "../port.ts";

/** Rows in order of insertion. */
export class MemoryCertificates implements CertificatesDatabase {
  #rows: readonly CertificateRow[] = [];

  async apply(writes: readonly CertificateWrite[]): Promise<void> {
    let rows = [...this.#rows];
    for (const write of writes) {
      if (write.kind === "forget_all_certificates") rows = [];
      else rows.push(write.row);
    }
    this.#rows = rows;
  }

  async last(filter: CertificateFilter, upTo?: number): Promise<CertificateRow | undefined> {
    return this.#matching(filter, upTo).at(-1);
  }

  async list(filter: CertificateFilter, options: CertificateListOptions = {}): Promise<readonly CertificateRow[]> {
    const { upTo, offset = 0, limit } = options;
    return this.#matching(filter, upTo).slice(offset, limit === undefined ? undefined : offset + limit);
  }

  async all(): Promise<readonly CertificateRow[]> {
    return this.#rows;
  }

  async lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]> {
    const latest = new LatestTimestamps(byFilter1);
    for (const { type, filter1, timestamp } of this.#rows) latest.add(type, filter1, timestamp);
    return latest.all();
  }

  #matching({ type, filter1, filter2 }: CertificateFilter, upTo = Number.POSITIVE_INFINITY): CertificateRow[] {
    return this.#rows
      .filter((row) => row.type === type && row.timestamp <= upTo)
      .filter((row) => matches(row.filter1, filter1) && matches(row.filter2, filter2))
      .sort((a, b) => a.timestamp - b.timestamp);
  }
}

function matches(value: Uint8Array | null, wanted: Uint8Array | undefined): boolean {
  return wanted === undefined || (value !== null && equalBytes(value, wanted));
}
