import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { type DateTime, VlobId } from "@parsec/types";

/**
 * What the history of a workspace may refuse, besides what reading manifests and blocks throws.
 *
 * - `NO_HISTORY`: the workspace was never uploaded.
 * - `OLDER_THAN_LOWER_BOUND`, `NEWER_THAN_HIGHER_BOUND`: the history does not reach so far.
 * - `INVALID_HISTORY`: the server contradicts what it said before.
 * - `HISTORY_CLOSED`: it was closed.
 */
export type HistoryErrorCode =
  | "NO_HISTORY"
  | "OLDER_THAN_LOWER_BOUND"
  | "NEWER_THAN_HIGHER_BOUND"
  | "INVALID_HISTORY"
  | "HISTORY_CLOSED";

/** See {@link HistoryErrorCode}. */
export class HistoryError extends ParsecError<HistoryErrorCode> {
  override readonly name: string = "HistoryError";
}

/** How a server contradicts itself about the versions of an entry (spec 11 §19.3). */
export type InvalidHistoryReason =
  | "TOO_RECENT"
  | "ALREADY_KNOWN_TO_EXIST"
  | "ALREADY_KNOWN_TO_BE_NOT_FOUND"
  | "ALREADY_KNOWN_AND_DIFFERS"
  | "ALREADY_KNOWN_TO_HAVE_MORE_RECENT_SMALLER_VERSION";

/** The server contradicts what it said before of an entry. */
export class InvalidHistoryError extends HistoryError {
  override readonly name: string = "InvalidHistoryError";
  readonly reason: InvalidHistoryReason;
  readonly entryId: VlobId;
  /** The moment that was asked for. */
  readonly at: DateTime;

  constructor(reason: InvalidHistoryReason, entryId: VlobId, at: DateTime, options: ParsecErrorOptions = {}) {
    super(
      "INVALID_HISTORY",
      `The server contradicts itself about entry ${VlobId.display(entryId)} (${reason}): its answer was refused. ` +
        "Tell the administrator of the server",
      options,
    );
    this.reason = reason;
    this.entryId = entryId;
    this.at = at;
  }
}
