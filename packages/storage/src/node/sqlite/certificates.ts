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
    const rows = this.#file.read((connection) => connection.all("SELECT * FROM certificates ORDER BY rowid"));
    return rows.map(certificateRow);
  }

  async lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]> {
    const grouped = byFilter1.map(() => "?").join(", ");
    const sql = `SELECT certificate_type, IIF(certificate_type IN (${grouped}), filter1, NULL) AS topic,
      MAX(certificate_timestamp) AS last FROM certificates GROUP BY 1, 2`;
    const rows = this.#file.read((connection) => connection.all(sql, ...byFilter1));
    return rows.map((row) => ({
      type: textOf(row, "certificate_type"),
      filter1: optionalBytesOf(row, "topic"),
      timestamp: numberOf(row, "last"),
    }));
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
