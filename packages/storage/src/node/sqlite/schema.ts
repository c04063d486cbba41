import { initialPattern } from "../../driver/port.ts";
import { StorageError } from "../../errors.ts";
import { begin, type SqliteConnection, transaction } from "./connection.ts";
import { numberOf } from "./values.ts";

// The native layout of spec 12 §2, binding to the last column: the reference client opens these files too. All four
// files have all tables. Names, types, keys and order of columns must not change.
const tables = `
CREATE TABLE IF NOT EXISTS vlobs (
  vlob_id BLOB PRIMARY KEY NOT NULL,
  base_version INTEGER NOT NULL,
  remote_version INTEGER NOT NULL,
  need_sync INTEGER NOT NULL,
  blob BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS realm_checkpoint (
  _id INTEGER PRIMARY KEY NOT NULL,
  checkpoint INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS prevent_sync_pattern (
  _id INTEGER PRIMARY KEY NOT NULL,
  pattern TEXT NOT NULL,
  fully_applied INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS chunks (
  chunk_id BLOB PRIMARY KEY NOT NULL,
  size INTEGER NOT NULL,
  offline INTEGER NOT NULL,
  accessed_on INTEGER,
  data BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS remanence (
  _id INTEGER PRIMARY KEY NOT NULL,
  block_remanent INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS certificates (
  certificate_timestamp INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  certificate_type TEXT NOT NULL,
  filter1 BLOB,
  filter2 BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS certificates_type_filter1 ON certificates (certificate_type, filter1);
CREATE INDEX IF NOT EXISTS certificates_type_filter2 ON certificates (certificate_type, filter2);
CREATE INDEX IF NOT EXISTS certificates_timestamp ON certificates (certificate_timestamp);
`;

export interface DatabaseMode {
  /** What is committed is on the disk, and outlives a power cut. */
  readonly durable: boolean;
  /** Nobody else may open the file until it is closed, or the process ends. */
  readonly exclusive: boolean;
  /** Space of deleted rows goes back to the file system. */
  readonly autoVacuum: boolean;
}

/** A database of ours that is opened again. */
export function resumeDatabase(connection: SqliteConnection, mode: DatabaseMode): void {
  if (mode.exclusive) connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  connection.exec("PRAGMA journal_mode = WAL");
  setSynchronous(connection, mode);
  if (mode.autoVacuum) keepSpace(connection);
}

/** Prepares a database just opened; the order of the pragmas matters. */
export function prepareDatabase(connection: SqliteConnection, mode: DatabaseMode): void {
  if (mode.exclusive) connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  // Nothing is acknowledged yet: what a power cut leaves of an empty database is made again.
  connection.exec(`PRAGMA synchronous = ${mode.durable ? "NORMAL" : "OFF"}`);
  const wantsVacuum = mode.autoVacuum && setAutoVacuum(connection);
  connection.exec("PRAGMA journal_mode = WAL");
  if (wantsVacuum) connection.exec("VACUUM");
  begin(connection);
  transaction(connection, () => {
    connection.exec(tables);
    connection.run(
      "INSERT INTO prevent_sync_pattern VALUES (0, ?, ?) ON CONFLICT DO NOTHING",
      initialPattern.pattern,
      Number(initialPattern.fullyApplied),
    );
  });
  setSynchronous(connection, mode);
  if (mode.autoVacuum) keepSpace(connection);
}

const synchronousLevels = { NORMAL: 1, FULL: 2 };

/** The level belongs to the connection, not to the file. */
function setSynchronous(connection: SqliteConnection, { durable }: DatabaseMode): void {
  const level = durable ? "FULL" : "NORMAL";
  connection.exec(`PRAGMA synchronous = ${level}`);
  if (connection.get("PRAGMA synchronous")?.["synchronous"] !== synchronousLevels[level]) {
    throw new StorageError("STORAGE_UNAVAILABLE", "This SQLite does not write as durably as it is asked to");
  }
}

const noAutoVacuum = 0;

/** True when the file has tables already, and must be rebuilt to get this mode at all. */
function setAutoVacuum(connection: SqliteConnection): boolean {
  const mode = connection.get("PRAGMA auto_vacuum")?.["auto_vacuum"];
  connection.exec("PRAGMA auto_vacuum = FULL");
  return mode === noAutoVacuum && connection.get("SELECT 1 FROM sqlite_master LIMIT 1") !== undefined;
}

// FULL, the mode of the layout, moves pages from the end of the file into every gap, at every commit: as many bytes as
// were deleted. While we have the file its gaps are used again; what is left of them is given back now and then.

/** From the opening on. */
function keepSpace(connection: SqliteConnection): void {
  connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
}

/** Before the end: for whoever opens the file next. */
export function restoreAutoVacuum(connection: SqliteConnection): void {
  connection.exec("PRAGMA auto_vacuum = FULL");
}

export interface PageCounts {
  readonly all: number;
  /** Those that hold nothing. */
  readonly free: number;
}

export function countPages(connection: SqliteConnection): PageCounts {
  const count = (name: string) => numberOf(connection.get(`PRAGMA ${name}`) ?? {}, name);
  return { all: count("page_count"), free: count("freelist_count") };
}

/** Gives some of the pages that hold nothing back to the file system. */
export function giveBackPages(connection: SqliteConnection, count: number): void {
  connection.exec(`PRAGMA incremental_vacuum(${count})`);
}
