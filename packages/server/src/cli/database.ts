import type { DatabaseOptions } from "../store/database-options.ts";
import { type DatabaseLocation, parseDatabaseLocation } from "../store/open.ts";
import { type Arguments, badOption } from "./arguments.ts";

/** The database that a command line names; `undefined` when it names none. @throws StartServerError */
export function databaseLocationOf(args: Arguments, name = "db"): DatabaseLocation | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  try {
    return parseDatabaseLocation(text);
  } catch {
    // It may hold a password: it is not repeated.
    throw badOption(name, "expects sqlite:FILE, postgresql://USER:PASSWORD@HOST/DATABASE or MOCKED");
  }
}

/** @throws StartServerError */
export function databaseOptionsOf(args: Arguments): DatabaseOptions {
  const minConnections = args.count("db-min-connections");
  const maxConnections = args.count("db-max-connections");
  if (maxConnections !== undefined && maxConnections < Math.max(2, minConnections ?? 0)) {
    throw badOption("db-max-connections", "is 2 or more, and not below --db-min-connections");
  }
  const connectionAttempts = args.count("maximum-database-connection-attempts");
  const pauseBeforeRetryMs = secondsOf(args, "pause-before-retry-database-connection");
  const skipMigrationsCheck = args.bool("skip-database-migrations-check");
  return {
    ...(minConnections === undefined ? {} : { minConnections }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(connectionAttempts === undefined ? {} : { connectionAttempts }),
    ...(pauseBeforeRetryMs === undefined ? {} : { pauseBeforeRetryMs }),
    ...(skipMigrationsCheck === undefined ? {} : { skipMigrationsCheck }),
  };
}

/** Milliseconds. */
function secondsOf(args: Arguments, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw badOption(name, "expects seconds");
  return Number(text) * 1000;
}
