import { RealmExportError } from "../../errors.ts";
import type { SqliteConnection } from "./connection.ts";

/** The tables of the file, with the columns that are read (spec 12 §8). */
const tables: Readonly<Record<string, readonly string[]>> = {
  info: ["magic", "version", "organization_id", "realm_id", "root_verify_key", "snapshot_timestamp"],
  common_certificate: ["_id", "certificate"],
  sequester_certificate: ["_id", "certificate"],
  realm_certificate: ["_id", "certificate"],
  realm_keys_bundle: ["key_index", "keys_bundle"],
  realm_keys_bundle_access: ["_id", "user_id", "key_index", "access"],
  realm_sequester_keys_bundle_access: ["_id", "sequester_service_id", "key_index", "access"],
  vlob_atom: ["vlob_id", "version", "key_index", "blob", "size", "author", "timestamp"],
  block: ["sequential_id", "block_id", "size", "key_index"],
  block_data: ["block", "data"],
};

/**
 * Only plain tables of stored values: a view, a virtual table or a computed column is code that whoever made the file
 * would have us run, without end if they like.
 * @throws RealmExportError INVALID_REALM_EXPORT
 */
export function checkTables(connection: SqliteConnection): void {
  const stored = connection.all("SELECT type, name, rootpage FROM sqlite_schema");
  const plain = new Set<unknown>();
  for (const { type, name, rootpage } of stored) {
    if (type !== "table" && type !== "index") throw unexpected(`a ${String(type)}`);
    if (type === "table" && rootpage !== 0) plain.add(name);
  }
  for (const [table, columns] of Object.entries(tables)) {
    if (!plain.has(table)) throw unexpected(`no table ${table}`);
    const found = connection.all(`PRAGMA table_xinfo(${table})`);
    if (found.some(({ hidden }) => hidden !== 0)) throw unexpected(`computed columns in ${table}`);
    const names = new Set(found.map(({ name }) => name));
    const missing = columns.find((column) => !names.has(column));
    if (missing !== undefined) throw unexpected(`no column ${missing} in ${table}`);
  }
}

function unexpected(what: string): RealmExportError {
  return new RealmExportError("INVALID_REALM_EXPORT", `The file is not an exported workspace: it has ${what}`);
}
