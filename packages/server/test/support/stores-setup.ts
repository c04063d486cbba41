import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { PostgresCluster } from "./postgres-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The kind of store that this run of the tests is about. */
    readonly storeKind: "memory" | "sqlite" | "postgres";
    /** A folder for files of stores. */
    readonly storesFolder: string;
    /** The PostgreSQL that the tests of this project use; null when they use none. */
    readonly postgres: { readonly url: string; readonly template: string } | null;
  }
}

/** A migrated database, of which each test gets a copy. */
const template = "parsec_template";

/** Prepares what the stores of tests stand on, for one project of the test runner. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "parsec-stores-"));
  project.provide("storesFolder", folder);
  const cluster = project.name === "server-postgres" ? await startPostgres() : undefined;
  project.provide("postgres", cluster === undefined ? null : { url: cluster.url(), template });
  return async () => {
    await cluster?.stop();
    await rm(folder, { recursive: true });
  };
}

/** Loaded where it is needed: most tests of this repository have nothing to do with it. */
async function startPostgres(): Promise<PostgresCluster> {
  const { PostgresCluster } = await import("./postgres-cluster.ts");
  const { Client } = await import("pg");
  const { migrate } = await import("../../src/store/sql/migrate.ts");
  const { openPostgresStore } = await import("../../src/store/sql/postgres/open.ts");
  const cluster = await PostgresCluster.start();
  const client = new Client(cluster.url());
  await client.connect();
  await client.query(`create database ${template}`);
  await client.end();
  const store = await openPostgresStore(cluster.url(template), { skipMigrationsCheck: true });
  await migrate(store);
  await store.close();
  return cluster;
}
