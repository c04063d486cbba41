import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { main } from "../../src/cli/main.ts";
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

/** `parsec-server`, stopped as soon as it has started. */
async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await main({
    argv,
    env: {},
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stopped: Promise.resolve(),
  });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Readonly<Record<string, unknown>>>(text)).rows;
  } finally {
    await client.end();
  }
}

test("the command line: run refuses what is to be migrated, --dry-run says what that is and changes nothing", async () => {
  const url = await emptyDatabase("migrated_by_command");
  const tables = () => query(url, "select tablename from pg_tables where schemaname = 'public'");
  const todo = migrationNames.map((name) => `${name} ✔`).join("\n");
  const start = ["run", "--dev", "--port", "0", "--db", url, "-b", "POSTGRESQL"];
  const refused = await run(...start);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.errors).toContain("parsec-server migrate");
  for (const name of migrationNames) expect(refused.errors).toContain(name);
  expect(await run("migrate", "--db", url, "--dry-run")).toEqual({ code: 0, out: todo, errors: "" });
  expect(await tables()).toEqual([]);
  expect(await run("migrate", "--db", url)).toEqual({ code: 0, out: todo, errors: "" });
  const again = migrationNames.map((name) => `${name} (already applied)`).join("\n");
  expect(await run("migrate", "--db", url, "--dry-run")).toEqual({ code: 0, out: again, errors: "" });
  expect(await run(...start)).toMatchObject({ code: 0, out: expect.stringContaining("bye ;-)") });

  // What a later version has done to the tables, nobody here knows.
  await query(url, "insert into migration (name, applied_on) values ('9999-later', 1)");
  expect(await run(...start)).toMatchObject({ code: 1, errors: expect.stringContaining("9999-later") });
  expect(await run("migrate", "--db", url)).toMatchObject({ code: 1, errors: expect.stringContaining("9999-later") });
  expect(await run(...start, "--skip-database-migrations-check")).toMatchObject({ code: 0 });
});

test("the command line: a migration that fails is named, and what it did is undone", async () => {
  const url = await emptyDatabase("migrated_in_vain");
  // A table of somebody else is in the way of the first migration.
  await query(url, "create table realm (_id bigint)");
  const { code, out } = await run("migrate", "--db", url);
  expect([code, out.split("\n")[0]]).toEqual([1, expect.stringMatching(/^0001-first-tables ✘: .*"realm"/)]);
  expect(await query(url, "select tablename from pg_tables where schemaname = 'public'")).toEqual([
    { tablename: "realm" },
  ]);
});
