import { systemClock } from "@parsec/base";
import { DateTime } from "@parsec/types";
import type { Kysely } from "kysely";
import { DatabaseError } from "../errors.ts";
import type { SqlDialect } from "./database.ts";
import { migrations as allMigrations, type Migration } from "./migrations/index.ts";
import { date, TableBuilder, text } from "./migrations/table-builder.ts";
import type { Tables } from "./tables.ts";

export const migrationNames: readonly string[] = allMigrations.map(({ name }) => name);

/** A database whose tables may be changed. */
export interface MigratableDatabase {
  readonly dialect: SqlDialect;
  /** Runs in one transaction that no other process that migrates runs beside; commits unless `run` throws. */
  alone<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Reads one state of the database, whatever others write meanwhile. */
  snapshot<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
}

export interface MigrationStep {
  readonly name: string;
  readonly state: "already_applied" | "applied" | "to_apply";
}

/** What is to be applied, in order, and whether the database has any table of ours yet. */
export interface PendingMigrations {
  readonly pending: readonly string[];
  readonly isEmpty: boolean;
}

/** @throws DatabaseError `DATABASE_TOO_NEW` */
export async function pendingMigrations(
  database: MigratableDatabase,
  migrations: readonly Migration[] = allMigrations,
): Promise<PendingMigrations> {
  const applied = await database.alone(appliedNames);
  refuseNewer(applied, migrations);
  const pending = migrations.map(({ name }) => name).filter((name) => !applied.has(name));
  return { pending, isEmpty: applied.size === 0 };
}

/** What a server that finds them says. */
export function migrationsPending(pending: readonly string[]): DatabaseError {
  const many = pending.length === 1 ? "1 migration" : `${pending.length} migrations`;
  const what = `The database lacks ${many} (${pending.join(", ")})`;
  return new DatabaseError("MIGRATIONS_PENDING", `${what}: back it up, then run parsec-server migrate --db …`);
}

/**
 * Applies what is missing, in order, each in its own transaction: two that migrate at once do each step once. `onStep`
 * is told of each, applied already or now. With `dryRun` nothing is changed.
 * @throws DatabaseError `DATABASE_TOO_NEW`, `MIGRATION_FAILED`; the earlier steps stay
 */
export async function migrate(
  database: MigratableDatabase,
  options: {
    readonly dryRun?: boolean;
    readonly onStep?: (step: MigrationStep) => void;
    readonly migrations?: readonly Migration[];
  } = {},
): Promise<void> {
  const { dryRun = false, onStep, migrations = allMigrations } = options;
  for (const migration of migrations) {
    const state = await database.alone(async (db): Promise<MigrationStep["state"]> => {
      const applied = await appliedNames(db);
      refuseNewer(applied, migrations);
      if (applied.has(migration.name)) return "already_applied";
      if (dryRun) return "to_apply";
      await apply(db, database.dialect, migration);
      return "applied";
    });
    onStep?.({ name: migration.name, state });
  }
}

async function apply(db: Kysely<Tables>, dialect: SqlDialect, { name, apply: run }: Migration): Promise<void> {
  const tables = new TableBuilder(db, dialect);
  try {
    if (!(await hasMigrationTable(db))) {
      const columns = { name: text, applied_on: date };
      await tables.table("migration", columns, { unique: [["name"]] });
    }
    await run(tables);
    await db
      .insertInto("migration")
      .values({ name, applied_on: DateTime.now(systemClock) })
      .execute();
  } catch (cause) {
    throw new DatabaseError("MIGRATION_FAILED", `${name} ✘: ${messageOf(cause)}`, { cause });
  }
}

async function appliedNames(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  if (!(await hasMigrationTable(db))) return new Set();
  return new Set((await db.selectFrom("migration").select("name").execute()).map(({ name }) => name));
}

async function hasMigrationTable(db: Kysely<Tables>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === "migration");
}

function refuseNewer(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const unknown = [...applied].filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length === 0) return;
  const what = `The database has migrations that this version does not know (${unknown.join(", ")})`;
  throw new DatabaseError("DATABASE_TOO_NEW", `${what}: use the version of parsec-server that applied them`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
