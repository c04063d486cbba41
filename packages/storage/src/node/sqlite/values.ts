import { fromHex, InvalidArgumentError } from "@parsec/base";
import { StorageError } from "../../errors.ts";
import type { SqlRow } from "./connection.ts";

// The border between rows and typed values. Tables are STRICT, so a wrong type means a file that is not ours.

function malformed(column: string): StorageError {
  return new StorageError("STORAGE_CORRUPTED", `A local database holds an unexpected value in its column ${column}`);
}

/**
 * The 16 bytes of an id.
 * @throws InvalidArgumentError for a text that is none: it would be the id of something else
 */
export function idBytes(id: string): Uint8Array {
  const bytes = fromHex(id);
  if (bytes?.length !== 16) throw new InvalidArgumentError("id", "an id of 32 hex digits", id);
  return bytes;
}

/** The id of one kind in a column. */
export function idOf<Id>(row: SqlRow, column: string, kind: { fromBytes(bytes: Uint8Array): Id | undefined }): Id {
  const id = kind.fromBytes(bytesOf(row, column));
  if (id === undefined) throw malformed(column);
  return id;
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw malformed(column);
  return value;
}

export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw malformed(column);
  return value;
}

/** A view without the Buffer that a binding may give. */
export function bytesOf(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw malformed(column);
  return plainView(value);
}

export function optionalBytesOf(row: SqlRow, column: string): Uint8Array | null {
  return row[column] === null ? null : bytesOf(row, column);
}

function plainView(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
