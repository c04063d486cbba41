import type { DBSchema, IDBPIndex } from "idb";
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
    // A count of 0 means "all" to IndexedDB.
    if (limit === 0) return [];
    const { index, range } = selection(filter, upTo);
    const rows = await this.#database.read((connection) =>
      offset === 0
        ? connection.getAllFromIndex("certificates", index, range, limit)
        : rowsFrom(connection.transaction("certificates").store.index(index), range, offset, limit),
    );
    return rows.map(fromRow);
  }

  async all(): Promise<readonly CertificateRow[]> {
    const rows: CertificateRow[] = [];
    for (let last = 0; ; ) {
      const range = IDBKeyRange.lowerBound(last, true);
      const [keys, page] = await this.#database.read(async (connection) => {
        const { store } = connection.transaction("certificates");
        return Promise.all([store.getAllKeys(range, pageSize), store.getAll(range, pageSize)]);
      });
      for (const row of page) rows.push(fromRow(row));
      const end = keys.at(-1);
      if (end === undefined || page.length < pageSize) return rows;
      last = end;
    }
  }

  /** From the end of the index, a group at a time: what is older in the group is passed over. */
  lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]> {
    return this.#database.read(async (connection) => {
      const { store } = connection.transaction("certificates");
      const latest: LastTimestamp[] = [];
      for (let below: (string | Filter)[] | undefined; ; ) {
        const range = below === undefined ? undefined : IDBKeyRange.upperBound(below, true);
        const cursor = await store.index("by_filter1").openKeyCursor(range, "prev");
        if (cursor === null) return latest;
        const [type, filter1, timestamp] = cursor.key;
        if (byFilter1.includes(type)) {
          const filter = new Uint8Array(filter1);
          latest.push({ type, filter1: orNull(filter), timestamp });
          below = [type, filter];
        } else {
          const last = await store.index("by_type").openKeyCursor(selection({ type }).range, "prev");
          latest.push({ type, filter1: null, timestamp: last?.key[1] ?? timestamp });
          below = [type];
        }
      }
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** Rows that one request reads. */
const pageSize = 1000;

type CertificateIndex = IDBPIndex<Schema, ["certificates"], "certificates", IndexName>;

/** Those after the first `offset` ones, which are not read. */
async function rowsFrom(
  index: CertificateIndex,
  range: IDBKeyRange,
  offset: number,
  limit = Number.POSITIVE_INFINITY,
): Promise<Row[]> {
  const rows: Row[] = [];
  const first = await index.openCursor(range);
  for (let cursor = (await first?.advance(offset)) ?? null; cursor !== null; cursor = await cursor.continue()) {
    rows.push(cursor.value);
    if (rows.length >= limit) break;
  }
  return rows;
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
