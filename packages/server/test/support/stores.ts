import { join } from "node:path";
import { randomBytes, toHex } from "@parsec/base";
import { Client } from "pg";
import { inject } from "vitest";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { StrictStore } from "../../src/store/memory/strict-store.ts";
import type { Store } from "../../src/store/port/store.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";

// The one place where tests say which store a server stands on: the project of the test runner decides (vitest.config.ts).

/** An empty store: in memory, in a SQLite file or in a PostgreSQL database, as this run of the tests is about. */
export async function createStore(): Promise<Store> {
  if (inject("postgres") !== null) return await openPostgresStore(await createDatabase());
  return inject("storeKind") === "sqlite" ? await openSqliteStore(newSqliteFile()) : new MemoryStore();
}

/** The same, behaving as badly as a database may. */
export async function createStrictStore(): Promise<StrictStore> {
  return new StrictStore(await createStore());
}

export function newSqliteFile(): string {
  return join(inject("storesFolder"), `${newName()}.db`);
}

/** A new database with all tables, on the PostgreSQL of this run, or a copy of one that nobody has open: its address. */
export async function createDatabase(like?: string): Promise<string> {
  const postgres = inject("postgres");
  if (postgres === null) throw new Error("This test needs the project server-postgres");
  const url = new URL(postgres.url);
  url.pathname = `/${newName()}`;
  const template = like === undefined ? postgres.template : new URL(like).pathname.slice(1);
  await administrate(`create database ${url.pathname.slice(1)} template ${template}`);
  return url.toString();
}

/** Runs a statement on the PostgreSQL of this run, outside of any database of a test. */
async function administrate(text: string): Promise<void> {
  const client = new Client(inject("postgres")?.url);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function newName(): string {
  return `parsec_${toHex(randomBytes(8))}`;
}
