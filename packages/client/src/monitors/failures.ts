import { BugError, ParsecError } from "@parsec/base";
import { ConnectionError, OfflineError, remedyOf } from "@parsec/connection";

/**
 * Whom a failure of background work concerns:
 * - `entry`: that one entry; everything else goes on.
 * - `realm`: the whole workspace, until something changes for it.
 * - `session`: everything that needs the server, the clock or the disk.
 */
export type FailureScope = "entry" | "realm" | "session";

/** What background work makes of an error. Nothing ends it but the end of the session: every failure may pass. */
export interface Failure {
  readonly scope: FailureScope;
  /** The code of the error; `BUG` when it is not one of ours. */
  readonly code: string;
  readonly error: ParsecError;
  /** An impossible state or a programming error: to be told to the application. */
  readonly isBug: boolean;
  /** Nothing but news can mend it: not tried again by a timer. */
  readonly isFinal: boolean;
  /** The server did answer: it may be this one request that it cannot serve. */
  readonly isAnswer: boolean;
}

interface Rule {
  readonly scope: FailureScope;
  readonly isFinal?: true;
}

const entry: Rule = { scope: "entry" };
const realm: Rule = { scope: "realm" };
const session: Rule = { scope: "session" };
/** Only certificates, roles or the user change these. */
const settled: Rule = { scope: "realm", isFinal: true };

/**
 * The one table of what a failure means for background work: session monitors and workspace engines alike. For errors
 * of the connection it is that of the event stream; a code that is in neither concerns the entry at hand.
 */
const rules: Readonly<Record<string, Rule>> = {
  // What the certificates, the keys and the roles of one workspace say.
  AUTHOR_NOT_ALLOWED: realm,
  BLOCKSTORE_UNAVAILABLE: realm,
  INVALID_KEYS_BUNDLE: realm,
  INVALID_REALM_NAME: realm,
  MISSING_KEY_ROTATIONS: realm,
  NO_REALM_KEY: realm,
  REALM_ACCESS_DENIED: realm,
  REALM_ARCHIVED: realm,
  SEQUESTER_SERVICE_UNAVAILABLE: realm,
  REALM_KEY_CORRUPTED: realm,
  REALM_KEY_NOT_FOUND: realm,
  REALM_NOT_FOUND: realm,
  READ_ONLY: realm,
  REALM_DELETED: settled,
  WORKSPACE_NOT_FOUND: settled,
  // Clocks.
  GREATER_TIMESTAMP_UNREACHABLE: realm,
  TIMESTAMP_OUT_OF_BALLPARK: session,
  // What the server says of the organization as a whole.
  INVALID_CERTIFICATE: session,
  MISSING_CERTIFICATES: session,
  // The disk.
  STORAGE_CLOSED: session,
  STORAGE_FULL: session,
  STORAGE_UNAVAILABLE: session,
};

/** What an error means for background work. */
export function failureOf(error: unknown): Failure {
  if (!ParsecError.is(error)) {
    const bug = new BugError("Background work failed in a way that it should not", { cause: error });
    return { scope: "entry", code: bug.code, error: bug, isBug: true, isFinal: false, isAnswer: false };
  }
  const { scope, isFinal = false } = ruleOf(error);
  const isAnswer = error instanceof ConnectionError && !(error instanceof OfflineError && error.status === undefined);
  return { scope, code: error.code, error, isBug: error.code === "BUG", isFinal, isAnswer };
}

function ruleOf(error: ParsecError): Rule {
  if (error instanceof ConnectionError) return remedyOf(error) === undefined ? entry : session;
  return rules[error.code] ?? entry;
}

const firstPauseMs = 3_000;
const longestPauseOf: Readonly<Record<FailureScope, number>> = { entry: 600_000, realm: 60_000, session: 60_000 };
/** Its block storage is for the server to mend (spec 09a §9.4). */
const blockstorePauseMs = 60_000;
/** Whoever made these mends them, and the application is told each time. */
const slow: ReadonlySet<string> = new Set(["INVALID_CERTIFICATE", "MISSING_CERTIFICATES"]);
/** Whoever is at an entry is done with it soon. */
const busyPauseMs = { first: 1_000, longest: 60_000 };

/** No pause that ends by itself is longer. */
export const longestPauseMs = longestPauseOf.entry;

/**
 * How long, in milliseconds, to leave something alone that has failed so many times in a row (from 1): twice as long
 * each time. Infinite when only news can help.
 */
export function pauseMs({ scope, code, isFinal }: Failure, attempts: number): number {
  if (isFinal) return Number.POSITIVE_INFINITY;
  if (code === "BLOCKSTORE_UNAVAILABLE") return blockstorePauseMs;
  const growth = 2 ** (attempts - 1);
  if (code === "ENTRY_BUSY") return Math.min(busyPauseMs.first * growth, busyPauseMs.longest);
  return Math.min(firstPauseMs * growth, slow.has(code) ? longestPauseMs : longestPauseOf[scope]);
}
