import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { VlobId } from "@parsec/types";

/**
 * What can go wrong with the local databases of a device.
 *
 * - `DEVICE_IN_USE`: another process (or tab) works with this device; close it, or open with `wait: true`.
 * - `NATIVE_MODULE_MISSING`: this runtime has no SQLite: install `better-sqlite3`.
 * - `STORAGE_FULL`: no space left (disk full, quota exceeded). Nothing of the operation was stored.
 * - `STORAGE_CORRUPTED`: a database, or a value in it, is not what this device wrote.
 * - `STORAGE_UNAVAILABLE`: the files cannot be opened, read or written.
 * - `STORAGE_CLOSED`: the storage was closed before the operation.
 */
export type StorageErrorCode =
  | "DEVICE_IN_USE"
  | "NATIVE_MODULE_MISSING"
  | "STORAGE_FULL"
  | "STORAGE_CORRUPTED"
  | "STORAGE_UNAVAILABLE"
  | "STORAGE_CLOSED";

export interface StorageErrorOptions extends ParsecErrorOptions {
  readonly entryId?: VlobId | undefined;
}

/** See {@link StorageErrorCode}. The operation that rejects with it has stored nothing. */
export class StorageError extends ParsecError<StorageErrorCode> {
  override readonly name: string = "StorageError";
  /** The entry whose stored manifest is damaged, when it is one. */
  readonly entryId: VlobId | undefined;

  constructor(code: StorageErrorCode, message: string, options: StorageErrorOptions = {}) {
    super(code, message, options);
    this.entryId = options.entryId;
  }
}

/** The pattern that was applied is no longer the stored one (spec 12 §3): apply the stored one. */
export class PatternMismatchError extends ParsecError<"PATTERN_MISMATCH"> {
  override readonly name: string = "PatternMismatchError";
  constructor() {
    super("PATTERN_MISMATCH", "The prevent-sync pattern was changed meanwhile: apply the stored one");
  }
}

export function deviceInUse(options?: ParsecErrorOptions): StorageError {
  return new StorageError(
    "DEVICE_IN_USE",
    "Another process works with this device: close it, or open with `wait: true`",
    options,
  );
}

export function storageClosed(): StorageError {
  return new StorageError("STORAGE_CLOSED", "The storage of this device is closed: open it again");
}

/** A value that this device cannot decrypt or decode. It stays where it is. */
export function corruptedValue(what: string, cause: unknown): StorageError {
  return new StorageError("STORAGE_CORRUPTED", `The local copy of ${what} cannot be read with this device's key`, {
    cause,
  });
}

/** A stored manifest that cannot be read. The other entries go on. */
export function damagedEntry(entryId: VlobId, cause: unknown): StorageError {
  const message = `The local copy of entry ${VlobId.display(entryId)} is damaged`;
  return new StorageError("STORAGE_CORRUPTED", message, { cause, entryId });
}

/**
 * Why the file of an exported realm is not read.
 *
 * - `CANNOT_OPEN_REALM_EXPORT`: there is no such file, or it cannot be read.
 * - `INVALID_REALM_EXPORT`: it is damaged, or is no export of this organization.
 * - `UNSUPPORTED_REALM_EXPORT_VERSION`: another program made it; see {@link UnsupportedRealmExportError}.
 * - `INCOMPLETE_REALM_EXPORT`: the export was not finished.
 */
export type RealmExportErrorCode =
  | "CANNOT_OPEN_REALM_EXPORT"
  | "INVALID_REALM_EXPORT"
  | "UNSUPPORTED_REALM_EXPORT_VERSION"
  | "INCOMPLETE_REALM_EXPORT";

/** See {@link RealmExportErrorCode}. The file is as it was. */
export class RealmExportError extends ParsecError<RealmExportErrorCode> {
  override readonly name: string = "RealmExportError";
}

/** The file of an exported realm has a version that this program does not know. */
export class UnsupportedRealmExportError extends RealmExportError {
  override readonly name: string = "UnsupportedRealmExportError";
  readonly supported: number;
  readonly found: number;

  constructor(supported: number, found: number) {
    super(
      "UNSUPPORTED_REALM_EXPORT_VERSION",
      `The exported workspace has version ${found}, this program reads version ${supported}: update it, or export again`,
    );
    this.supported = supported;
    this.found = found;
  }
}
