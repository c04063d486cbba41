import { VlobId } from "@parsec/types";
import { type DamagedVlob, type Page, type PageCursor } from "../../driver/port.ts";
import { damagedEntry } from "../../errors.ts";
import type { SqlRow } from "./connection.ts";
import type { SqliteFile } from "./file.ts";
import { idOf, numberOf } from "./values.ts";

// Manifests in pages, in the order of their rows. What has no id of 16 bytes belongs to no entry.

export interface PageOptions {
  readonly columns: string;
  readonly after: PageCursor | undefined;
  readonly limit: number;
}

/**
 * One page: by one statement as long as nothing in it is damaged, else row by row, so that a damaged one holds no other.
 * @throws StorageError when even the ids cannot be read
 */
export function readPage<T>(file: SqliteFile, options: PageOptions, parse: (row: SqlRow) => T): Page<T | DamagedVlob> {
  const rows = readTogether(file, options) ?? readApart(file, options);
  const last = rows.length < options.limit ? undefined : rows.at(-1);
  return {
    items: rows.map(({ id, row, damage }) => (row === undefined ? damaged(id, damage) : parsed(id, row, parse))),
    next: last?.rowid,
  };
}

interface FoundRow {
  readonly rowid: number;
  readonly id: VlobId;
  readonly row: SqlRow | undefined;
  readonly damage?: unknown;
}

/** `undefined` when a part of the file that they are in is damaged. */
function readTogether(file: SqliteFile, options: PageOptions): readonly FoundRow[] | undefined {
  try {
    return select(file, options, `rowid, ${options.columns}`, "").map((row) => ({ ...place(row), row }));
  } catch {
    return undefined;
  }
}

function readApart(file: SqliteFile, options: PageOptions): readonly FoundRow[] {
  const sql = `SELECT ${options.columns} FROM vlobs WHERE rowid = ?`;
  // The index of the key has all of this: the rows themselves are not touched.
  return select(file, options, "rowid, vlob_id", "INDEXED BY sqlite_autoindex_vlobs_1").map((found) => {
    const { rowid, id } = place(found);
    try {
      return { rowid, id, row: file.read((connection) => connection.get(sql, rowid)) };
    } catch (damage) {
      return { rowid, id, row: undefined, damage };
    }
  });
}

function select(file: SqliteFile, { after, limit }: PageOptions, columns: string, index: string): readonly SqlRow[] {
  const sql = `SELECT ${columns} FROM vlobs ${index} WHERE rowid > ? AND length(vlob_id) = 16 ORDER BY rowid LIMIT ?`;
  return file.read((connection) => connection.all(sql, after ?? 0, limit));
}

function place(row: SqlRow): { readonly rowid: number; readonly id: VlobId } {
  return { rowid: numberOf(row, "rowid"), id: idOf(row, "vlob_id", VlobId) };
}

function parsed<T>(id: VlobId, row: SqlRow, parse: (row: SqlRow) => T): T | DamagedVlob {
  try {
    return parse(row);
  } catch (error) {
    return damaged(id, error);
  }
}

function damaged(id: VlobId, cause: unknown): DamagedVlob {
  return { id, damage: damagedEntry(id, cause) };
}
