import { StartServerError } from "../errors.ts";
import type { OpenDatabaseOptions } from "./database-options.ts";
import type { Store } from "./port/store.ts";
import type { MigratableDatabase } from "./sql/migrate.ts";
import type { StatementRunner } from "./sql/statement-runner.ts";

/** Where a server keeps what it knows. */
export type DatabaseLocation =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** `MOCKED` (memory), `sqlite:FILE`, `postgresql://…` or `postgres://…`. @throws StartServerError `BAD_OPTION` */
export function parseDatabaseLocation(text: string): DatabaseLocation {
  if (text.toUpperCase() === "MOCKED") return { kind: "memory" };
  if (/^sqlite:./.test(text)) return { kind: "sqlite", path: text.slice("sqlite:".length) };
  if (/^postgres(?:ql)?:\/\//.test(text)) return { kind: "postgres", url: text };
  // It may hold a password: it is not repeated.
  throw new StartServerError("BAD_OPTION", "A database is MOCKED, sqlite:FILE or postgresql://…: see --help");
}

/** The name of a location that may be shown: without host or password. */
export function databaseLabel(location: DatabaseLocation): string {
  if (location.kind === "sqlite") return `sqlite:${location.path}`;
  return location.kind === "memory" ? "MOCKED" : "POSTGRESQL";
}

/** Opens the store of a database, whose driver is loaded now. @throws DatabaseError */
export async function openDatabase(
  location: Exclude<DatabaseLocation, { readonly kind: "memory" }>,
  options: OpenDatabaseOptions = {},
): Promise<Store & MigratableDatabase & StatementRunner> {
  if (location.kind === "sqlite") {
    const { openSqliteStore } = await import("./sql/sqlite/open.ts");
    return await openSqliteStore(location.path, options);
  }
  const { openPostgresStore } = await import("./sql/postgres/open.ts");
  return await openPostgresStore(location.url, options);
}
