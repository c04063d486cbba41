import { ParsecError } from "@parsec/base";

/**
 * The store could not do a transaction. Nothing of it was kept, unless the database went away in the middle of the commit:
 * then nobody knows. The request may be sent again.
 */
export class StoreUnavailableError extends ParsecError<"STORE_UNAVAILABLE"> {
  override readonly name: string = "StoreUnavailableError";

  constructor(what: string, options: { readonly cause?: unknown; readonly atCommit?: boolean } = {}) {
    const { atCommit = false, ...others } = options;
    const outcome = atCommit
      ? "it may have been done or not, look before you try again"
      : "nothing was changed, try again";
    super("STORE_UNAVAILABLE", `${what}; ${outcome}`, others);
  }
}

export type DatabaseErrorCode =
  /** It cannot be reached, or its file cannot be opened. */
  | "DATABASE_UNAVAILABLE"
  /** Another process has its file open. */
  | "DATABASE_IN_USE"
  | "MIGRATIONS_PENDING"
  | "MIGRATION_FAILED"
  /** A newer version of this server has changed its tables. */
  | "DATABASE_TOO_NEW"
  /** A copy into it has begun and not ended. */
  | "COPY_UNFINISHED"
  /** Its version or its settings do not do. */
  | "DATABASE_UNSUITABLE"
  /** Neither better-sqlite3 nor a Node that has SQLite. */
  | "NATIVE_MODULE_MISSING";

/** The database of a server cannot be used as it is. The message holds no password. */
export class DatabaseError extends ParsecError<DatabaseErrorCode> {
  override readonly name: string = "DatabaseError";
}

export type CopyErrorCode =
  /** The target holds what no copy has brought there, or a finished one. */
  | "TARGET_NOT_EMPTY"
  /** The target holds half of a copy of another database, or of another state of this one. */
  | "COPY_OF_ANOTHER"
  /** Source and target differ after all was copied: one of them was in use. */
  | "COPY_DIFFERS"
  /** Somebody else writes into the target. */
  | "TARGET_IN_USE"
  /** A dump has blocks, and nobody has said where they go to. */
  | "BLOCKS_NEED_STORE"
  /** The target's block store has one name for two blocks. */
  | "BLOCKS_COLLIDE";

/** A database could not be copied into another. The source is as it was. */
export class CopyError extends ParsecError<CopyErrorCode> {
  override readonly name: string = "CopyError";
}
