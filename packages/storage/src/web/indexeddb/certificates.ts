import { toHex } from "@parsec/base";
import type { DBSchema } from "idb";
import type {
  CertificateFilter,
  CertificateListOptions,
  CertificateRow,
  CertificatesDatabase,
  CertificateWrite,
  LastTimestamp,
} from "../../driver/port.ts";
import { Database, type Migrations, stored } from "./database.ts";

type Filter = Uint8Array<ArrayBuffer>;

/** An empty filter stands for none: null cannot be a part of an index key. */
interface Row {
  readonly certificate_type: string;
  readonly filter1: Filter;
  readonly filter2: Filter;
  readonly certificate_timestamp: number;
  readonly certificate: Uint8Array;
}

interface Schema extends DBSchema {
  certificates: {
    key: number;
    value: Row;
    indexes: {
      by_type: [string, number];
      by_filter1: [string, Filter, number];
      by_filter2: [string, Filter, number];
      by_filters: [string, Filter, Filter, number];
    };
  };
}

const migrations: Migrations<Schema> = [
  (database) => {
    const store = database.createObjectStore("certificates", { autoIncrement: true });
    store.createIndex("by_type", ["certificate_type", "certificate_timestamp"]);
    store.createIndex("by_filter1", ["certificate_type", "filter1", "certificate_timestamp"]);
    store.createIndex("by_filter2", ["certificate_type", "filter2", "certificate_timestamp"]);
    store.createIndex("by_filters", ["certificate_type", "filter1", "filter2", "certificate_timestamp"]);
  },
];

export class IndexedDbCertificates implements CertificatesDatabase {
  readonly #database: Database<Schema>;

  private constructor(database: Database<Schema>) {
    this.#database = database;
  }

  static async open(name: string): Promise<IndexedDbCertificates> {
    return new IndexedDbCertificates(await Database.open(name, migrations));
  }

  apply(writes: readonly CertificateWrite[]): Promise<void> {
    return this.#database.write(["certificates"], async (transaction) => {
      const store = transaction.objectStore("certificates");
      for (const write of writes) {
        if (write.kind === "forget_all_certificates") await store.clear();
        else await store.add(toRow(write.row));
      }
    });
  }

  async last(filter: CertificateFilter, upTo?: number): Promise<CertificateRow | undefined> {
    return this.#database.read(async (connection) => {
      const { index, range } = selection(filter, upTo);
      const cursor = await connection.transaction("certificates").store.index(index).openCursor(range, "prev");
      return cursor === null ? undefined : fromRow(cursor.value);
    });
  }

  async list(filter: CertificateFilter, options: CertificateListOptions = {}): Promise<readonly CertificateRow[]> {
    const { upTo, offset = 0, limit } = options;
    if (limit === 0) return [];
    const count = limit === undefined ? undefined : offset + limit;
    const rows = await this.#database.read((connection) => {
      const { index, range } = selection(filter, upTo);
      return connection.getAllFromIndex("certificates", index, range, count);
    });
    return rows.slice(offset).map(fromRow);
  }

  async all(): Promise<readonly CertificateRow[]> {
    const rows = await this.#database.read((connection) => connection.getAll("certificates"));
    return rows.map(fromRow);
  }

  lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]> {
    return this.#database.read(async (connection) => {
      const latest = new Map<string, LastTimestamp>();
      const keys = connection.transaction("certificates").store.index("by_filters");
      // The keys come in ascending order, but of the second filter before the timestamp.
      for (let cursor = await keys.openKeyCursor(); cursor !== null; cursor = await cursor.continue()) {
        const [type, filter, , timestamp] = cursor.key;
        const filter1 = byFilter1.includes(type) ? orNull(new Uint8Array(filter)) : null;
        const group = `${type} ${filter1 === null ? "" : toHex(filter1)}`;
        if ((latest.get(group)?.timestamp ?? Number.NEGATIVE_INFINITY) < timestamp) {
          latest.set(group, { type, filter1, timestamp });
        }
      }
      return [...latest.values()];
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

type IndexName = keyof Schema["certificates"]["indexes"];

/** The index for these filters, and the range of its keys that match. */
function selection(
  filter: CertificateFilter,
  upTo = Number.POSITIVE_INFINITY,
): { index: IndexName; range: IDBKeyRange } {
  const { type, filter1, filter2 } = filter;
  const between = (index: IndexName, ...key: (string | Uint8Array)[]) => ({
    index,
    range: IDBKeyRange.bound([...key, Number.NEGATIVE_INFINITY], [...key, upTo]),
  });
  if (filter1 !== undefined && filter2 !== undefined) return between("by_filters", type, filter1, filter2);
  if (filter1 !== undefined) return between("by_filter1", type, filter1);
  return filter2 === undefined ? between("by_type", type) : between("by_filter2", type, filter2);
}

const none = new Uint8Array(0);

function toRow(row: CertificateRow): Row {
  return {
    certificate_type: row.type,
    filter1: Uint8Array.from(row.filter1 ?? none),
    filter2: Uint8Array.from(row.filter2 ?? none),
    certificate_timestamp: row.timestamp,
    certificate: stored(row.blob),
  };
}

function fromRow(row: Row): CertificateRow {
  return {
    type: row.certificate_type,
    filter1: orNull(row.filter1),
    filter2: orNull(row.filter2),
    timestamp: row.certificate_timestamp,
    blob: row.certificate,
  };
}

function orNull(filter: Uint8Array): Uint8Array | null {
  return filter.length === 0 ? null : filter;
}
