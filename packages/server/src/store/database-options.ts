import type { Clock } from "@parsec/base";

/** How the server uses its database, where that is PostgreSQL (spec 08c §3). */
export interface DatabaseOptions {
  /** Connections to PostgreSQL that stay open when there is nothing to do (1). */
  readonly minConnections?: number;
  /** At most, the one that listens to events included: 2 or more (7). */
  readonly maxConnections?: number;
  /** Consecutive failures to connect after which the server gives up (10). */
  readonly connectionAttempts?: number;
  /** Milliseconds between two of them (1000). */
  readonly pauseBeforeRetryMs?: number;
  /** Starts although the tables are not those of this version. */
  readonly skipMigrationsCheck?: boolean;
  /** For pauses; the system's, whatever the server's is. */
  readonly clock?: Clock;
}

/** As {@link DatabaseOptions}, for the commands that prepare a database. */
export interface OpenDatabaseOptions extends DatabaseOptions {
  /** Opens it although a copy into it has not ended. */
  readonly acceptUnfinishedCopy?: boolean;
}
