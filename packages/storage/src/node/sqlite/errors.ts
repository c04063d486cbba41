import { ParsecError } from "@parsec/base";
import { deviceInUse, StorageError } from "../../errors.ts";

/** Error of a binding or of the file system, in our words. Our own errors pass. */
export function sqliteError(cause: unknown): unknown {
  if (ParsecError.is(cause)) return cause;
  const name = resultCode(cause);
  if (/^SQLITE_(BUSY|LOCKED)/.test(name)) return deviceInUse({ cause });
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(name)) {
    return new StorageError("STORAGE_FULL", "No space left for the local databases: free some and try again", {
      cause,
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB|MISMATCH|SCHEMA)/.test(name)) {
    return new StorageError("STORAGE_CORRUPTED", "A local database is damaged, or is not one of ours", { cause });
  }
  return new StorageError(
    "STORAGE_UNAVAILABLE",
    `A local database cannot be used (${name}): check the data folder and its permissions`,
    { cause },
  );
}

/** Runs synchronous database work; its errors become ours. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteError(error);
  }
}

/** The result codes that node:sqlite gives as numbers (low byte), under their names. */
const namesByNumber = new Map([
  [5, "SQLITE_BUSY"],
  [6, "SQLITE_LOCKED"],
  [11, "SQLITE_CORRUPT"],
  [13, "SQLITE_FULL"],
  [26, "SQLITE_NOTADB"],
]);

function resultCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown error";
  if ("errcode" in error && typeof error.errcode === "number") {
    return namesByNumber.get(error.errcode & 0xff) ?? `SQLite error ${error.errcode}`;
  }
  return "code" in error && typeof error.code === "string" ? error.code : "unknown error";
}
