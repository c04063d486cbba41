/** The result codes that node:sqlite gives as numbers (low byte), under their names. */
const namesByNumber = new Map([
  [5, "SQLITE_BUSY"],
  [6, "SQLITE_LOCKED"],
  [8, "SQLITE_READONLY"],
  [10, "SQLITE_IOERR"],
  [11, "SQLITE_CORRUPT"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [19, "SQLITE_CONSTRAINT"],
  [26, "SQLITE_NOTADB"],
]);

/** The name that SQLite gives an error, whatever the binding. */
export function resultCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown error";
  if ("errcode" in error && typeof error.errcode === "number") {
    return namesByNumber.get(error.errcode & 0xff) ?? `SQLite error ${error.errcode}`;
  }
  return "code" in error && typeof error.code === "string" ? error.code : "unknown error";
}

/** True for an error with one of these names, or an extension of one (`SQLITE_IOERR_FSYNC`). */
export function hasResultCode(error: unknown, ...names: readonly string[]): boolean {
  const code = resultCode(error);
  return names.some((name) => code === name || code.startsWith(`${name}_`));
}
