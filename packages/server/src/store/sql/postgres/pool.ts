import { BugError } from "@parsec/base";
import type { Client, CustomTypesConfig, Pool, PoolConfig } from "pg";
import { DatabaseError } from "../../errors.ts";

/** How a server connects to PostgreSQL (spec 08c §3). */
export interface PostgresOptions {
  /** Connections kept open when there is nothing to do. */
  readonly minConnections: number;
  /** At most, the one that listens to events included: 2 or more. */
  readonly maxConnections: number;
  /** Consecutive failures to connect after which the server gives up. */
  readonly connectionAttempts: number;
  /** Milliseconds between two of them. */
  readonly pauseBeforeRetryMs: number;
}

export const defaultPostgresOptions: PostgresOptions = {
  minConnections: 1,
  maxConnections: 7,
  connectionAttempts: 10,
  pauseBeforeRetryMs: 1000,
};

/** Milliseconds. A process that stands still in the middle of a transaction must not hold the others for ever. */
const timeouts = {
  connectionTimeoutMillis: 10_000,
  lock_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
};

/** Where connections come from. Loads the driver. */
export interface PostgresDriver {
  readonly pool: Pool;
  /** A connection beside the pool, not connected yet. */
  createClient(): Client;
}

/** @throws DatabaseError when the address cannot be read; it holds a password, and is not repeated */
export async function loadPostgres(url: string, options: PostgresOptions): Promise<PostgresDriver> {
  const pg = await import("pg");
  const config: PoolConfig = {
    connectionString: url,
    application_name: "parsec-server",
    keepAlive: true,
    types: typesOf(pg.types),
    ...timeouts,
  };
  try {
    const pool = new pg.Pool({
      ...config,
      // One connection listens, beside the pool.
      max: Math.max(1, options.maxConnections - 1),
      min: Math.min(options.minConnections, Math.max(1, options.maxConnections - 1)),
    });
    return { pool, createClient: () => new pg.Client(config) };
  } catch (cause) {
    throw new DatabaseError("DATABASE_UNAVAILABLE", "The address of the database cannot be read: see --help", {
      cause,
    });
  }
}

const [int8, numeric, uuid] = [20, 1700, 2950] as const;

/** Rows as the other dialect gives them: numbers for whole numbers, ids without hyphens. */
function typesOf(types: CustomTypesConfig): CustomTypesConfig {
  const parsers = new Map<number, (text: string) => unknown>([
    [int8, exactNumber],
    [numeric, exactNumber],
    [uuid, (text) => text.replaceAll("-", "")],
  ]);
  return {
    getTypeParser: ((id: number, format?: "text" | "binary") =>
      (format === "binary" ? undefined : parsers.get(id)) ??
      types.getTypeParser(id, format)) as CustomTypesConfig["getTypeParser"],
  };
}

/** A date beyond 2^53 is one that a number holds, since it was written from one. */
function exactNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) && BigInt(number) !== BigInt(text)) {
    throw new BugError("A number of the database is too large");
  }
  return number;
}
