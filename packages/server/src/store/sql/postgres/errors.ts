import { ParsecError } from "@parsec/base";
import { StoreUnavailableError } from "../../errors.ts";

/** The SQLSTATE of an error of PostgreSQL; `undefined` for others, such as those of a lost connection. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Another transaction was in the way: serialization failure, deadlock. The same work may do at the next try. */
export function isConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

/**
 * A row is there already, or not there any more. It may have come or gone since the transaction looked for it; when it
 * happens again and again, the query is wrong.
 */
export function isBrokenRule(error: unknown): boolean {
  return sqlState(error)?.startsWith("23") === true;
}

/** Connection failures, too many connections, no disk space or memory, operator's intervention, system errors. */
const unavailable = /^(?:08|53|57|58|XX)|^(?:55P03|25P03)$/;

/**
 * An error of the connection or of the server, in our words; ours, and those that tell of a wrong query, pass. `atCommit`:
 * the commit was on its way.
 */
export function databaseError(error: unknown, atCommit = false): unknown {
  if (ParsecError.is(error) || !(error instanceof Error)) return error;
  const state = sqlState(error);
  if (state !== undefined && !unavailable.test(state)) return error;
  if (state === "55P03") {
    return new StoreUnavailableError("The database did not give a lock in time", { cause: error });
  }
  const reason = state ?? ("code" in error ? String(error.code) : error.message);
  return new StoreUnavailableError(`The database is not available (${reason})`, { cause: error, atCommit });
}

/** True when the connection may be used for another transaction. */
export function leavesConnectionUsable(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !/^(?:08|57P)/.test(state);
}
