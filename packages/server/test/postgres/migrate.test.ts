import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { type MigrationStep, migrate, migrationNames } from "../../src/store/sql/migrate.ts";
import type { TableBuilder } from "../../src/store/sql/migrations/table-builder.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";

async function emptyDatabase(name: string): Promise<string> {
  const { url = "" } = inject("postgres") ?? {};
  const client = new Client(url);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.toString();
}

test("two that migrate at once do each step once, and a server starts only afterwards", async () => {
  const url = await emptyDatabase("migrated_twice");
  await expect(openPostgresStore(url)).rejects.toMatchObject({ code: "MIGRATIONS_PENDING" });
  const stores = await Promise.all([1, 2].map(() => openPostgresStore(url, { skipMigrationsCheck: true })));
  const steps: MigrationStep[] = [];
  await Promise.all(stores.map((store) => migrate(store, { onStep: (step) => steps.push(step) })));
  await Promise.all(stores.map((store) => store.close()));
  for (const name of migrationNames) {
    const states = steps.filter((step) => step.name === name).map(({ state }) => state);
    expect(states.sort()).toEqual(["already_applied", "applied"]);
  }
  await (await openPostgresStore(url)).close();
});

test("a migration that fails leaves nothing of itself, and the earlier ones stay", async () => {
  const url = await emptyDatabase("migrated_half");
  const store = await openPostgresStore(url, { skipMigrationsCheck: true });
  const migrations = [
    { name: "0001-good", apply: async () => undefined },
    {
      name: "0002-bad",
      apply: async (tables: TableBuilder) => {
        await tables.table("left_behind", {});
        throw new Error("on purpose");
      },
    },
  ];
  const failing = migrate(store, { migrations });
  await expect(failing).rejects.toMatchObject({ code: "MIGRATION_FAILED", message: "0002-bad ✘: on purpose" });
  const tables = await store.alone(async (db) => (await db.introspection.getTables()).map(({ name }) => name));
  expect(tables).toEqual(["migration"]);
  const steps: MigrationStep[] = [];
  await migrate(store, { migrations: migrations.slice(0, 1), onStep: (step) => steps.push(step) });
  expect(steps).toEqual([{ name: "0001-good", state: "already_applied" }]);
  await store.close();
});
