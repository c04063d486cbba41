import { migrate } from "../../src/store/sql/migrate.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { defaultPostgresOptions, loadPostgres } from "../../src/store/sql/postgres/pool.ts";
import { PostgresCluster } from "./postgres-cluster.ts";

type Query = (text: string, values?: readonly unknown[]) => Promise<unknown>;

/** Databases of a PostgreSQL whose commits reach the disk, for measures. */
export class DurableDatabases {
  readonly #cluster: PostgresCluster;
  #count = 0;

  private constructor(cluster: PostgresCluster) {
    this.#cluster = cluster;
  }

  static async start(): Promise<DurableDatabases> {
    return new DurableDatabases(await PostgresCluster.start({ durable: true }));
  }

  /** A new database with all tables: its address. */
  async create(): Promise<string> {
    this.#count += 1;
    const name = `durable_${this.#count}`;
    await withPool(this.#cluster.url(), 1, (query) => query(`create database ${name}`));
    const url = this.#cluster.url(name);
    const store = await openPostgresStore(url, { skipMigrationsCheck: true });
    await migrate(store);
    await store.close();
    return url;
  }

  async stop(): Promise<void> {
    await this.#cluster.stop();
  }
}

/** Statements on a database, over at most so many connections. */
export async function withPool<T>(url: string, connections: number, run: (query: Query) => Promise<T>): Promise<T> {
  // One more is counted, for a listener that is not there.
  const { pool } = await loadPostgres(url, { ...defaultPostgresOptions, maxConnections: connections + 1 });
  try {
    return await run((text, values = []) => pool.query(text, [...values]));
  } finally {
    await pool.end();
  }
}
