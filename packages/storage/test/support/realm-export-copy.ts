import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";

const vectors = fileURLToPath(new URL("../../../../test/vectors/realm-exports/", import.meta.url));

export type ExportName = "workspace_history" | "sequestered";

/** A copy of a vector in a folder, changed by SQL; gives its path. */
export function realmExportCopy(folder: string, name: ExportName, ...changes: readonly string[]): string {
  const path = join(folder, `${name}.sqlite`);
  copyFileSync(join(vectors, `${name}.sqlite`), path);
  runSql(path, ...changes);
  return path;
}

/** Changes a database, or makes one. */
export function runSql(path: string, ...changes: readonly string[]): void {
  if (changes.length === 0) return;
  const database = new Database(path);
  database.pragma("foreign_keys = OFF");
  for (const sql of changes) database.exec(sql);
  database.close();
}
