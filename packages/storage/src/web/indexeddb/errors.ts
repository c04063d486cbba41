import { ParsecError } from "@parsec/base";
import { StorageError } from "../../errors.ts";

/** Error of IndexedDB, in our words. Our own errors pass. */
export function indexedDbError(cause: unknown): unknown {
  if (ParsecError.is(cause)) return cause;
  const name = cause instanceof DOMException || cause instanceof Error ? cause.name : "unknown error";
  if (name === "QuotaExceededError") {
    return new StorageError("STORAGE_FULL", "The browser gives no more space to this site: free some and try again", {
      cause,
    });
  }
  // The last two are those of a large value whose file is gone or damaged.
  if (name === "VersionError" || name === "DataError" || name === "NotReadableError") {
    return new StorageError("STORAGE_CORRUPTED", `A local database is not one that this version reads (${name})`, {
      cause,
    });
  }
  return new StorageError("STORAGE_UNAVAILABLE", `The browser's storage cannot be used (${name})`, { cause });
}

/** The connection went away under us: the browser closed it, or the user cleared the site's data. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof DOMException && error.name === "InvalidStateError";
}
