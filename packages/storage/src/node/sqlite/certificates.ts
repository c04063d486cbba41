import { breathe } from "@parsec/base";
import { LatestTimestamps } from "../../driver/latest-timestamps.ts";
import type {
  CertificateFilter,
  CertificateListOptions,
  CertificateRow,
  CertificatesDatabase,
  CertificateWrite,
  LastTimestamp,
} from "../../driver/port.ts";
import type { SqlRow, SqlValue } from "./connection.ts";
import type { SqliteFile } from "./file.ts";
import { bytesOf, numberOf, optionalBytesOf, textOf } from "./values.ts";

/** Rows that one statement reads. */
const pageSize = 1000;

const insert = `INSERT INTO certificates (certificate_timestamp, certificate, certificate_type, filter1, filter2)
  VALUES (?, ?, ?, ?, ?)`;

export class SqliteCertificates implements CertificatesDatabase {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async apply(writes: readonly CertificateWrite[]): Promise<void> {
    this.#file.write((connection) => {
      for (const write of writes) {
        if (write.kind === "forget_all_certificates") {
          connection.run("DELETE FROM certificates");
        } else {
          const { timestamp, blob, type, filter1, filter2 } = write.row;
          connection.run(insert, timestamp, blob, type, filter1, filter2);
        }
      }
    });
  }

  async last(filter: CertificateFilter, upTo?: number): Promise<CertificateRow | undefined> {
    const { where, values } = condition(filter, upTo);
    const order = "ORDER BY certificate_timestamp DESC, rowid DESC LIMIT 1";
    const row = this.#file.read((connection) =>
      connection.get(`SELECT * FROM certificates WHERE ${where} ${order}`, ...values),
    );
    return row === undefined ? undefined : certificateRow(row);
  }

  async list(filter: CertificateFilter, options: CertificateListOptions = {}): Promise<readonly CertificateRow[]> {
    const { upTo, offset = 0, limit = -1 } = options;
    const { where, values } = condition(filter, upTo);
    const order = "ORDER BY certificate_timestamp, rowid LIMIT ? OFFSET ?";
    const rows = this.#file.read((connection) =>
      connection.all(`SELECT * FROM certificates WHERE ${where} ${order}`, ...values, limit, offset),
    );
    return rows.map(certificateRow);
  }

  async all(): Promise<readonly CertificateRow[]> {
    const rows: CertificateRow[] = [];
    for await (const row of this.#scan("*")) rows.push(certificateRow(row));
    return rows;
  }

  /** The layout has no index for this: it looks at every row, without the certificate itself. */
  async lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]> {
    const latest = new LatestTimestamps(byFilter1);
    for await (const row of this.#scan("certificate_type, filter1, certificate_timestamp")) {
      const filter1 = optionalBytesOf(row, "filter1");
      latest.add(textOf(row, "certificate_type"), filter1, numberOf(row, "certificate_timestamp"));
    }
    return latest.all();
  }

  /** Every row in order of insertion, some at a time: the process goes on meanwhile. */
  async *#scan(columns: string): AsyncGenerator<SqlRow> {
    const sql = `SELECT rowid, ${columns} FROM certificates WHERE rowid > ? ORDER BY rowid LIMIT ${pageSize}`;
    for (let last = 0; ; ) {
      const rows = this.#file.read((connection) => connection.all(sql, last));
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined || rows.length < pageSize) return;
      last = numberOf(end, "rowid");
      await breathe();
    }
  }
}

/** One text per combination of filters, so that each is prepared once. */
function condition(filter: CertificateFilter, upTo: number | undefined): { where: string; values: SqlValue[] } {
  const conditions = ["certificate_type = ?"];
  const values: SqlValue[] = [filter.type];
  const add = (sql: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    conditions.push(sql);
    values.push(value);
  };
  add("filter1 = ?", filter.filter1);
  add("filter2 = ?", filter.filter2);
  add("certificate_timestamp <= ?", upTo);
  return { where: conditions.join(" AND "), values };
}

function certificateRow(row: SqlRow): CertificateRow {
  return {
    type: textOf(row, "certificate_type"),
    filter1: optionalBytesOf(row, "filter1"),
    filter2: optionalBytesOf(row, "filter2"),
    timestamp: numberOf(row, "certificate_timestamp"),
    blob: bytesOf(row, "certificate"),
  };
}
