import { ParsecError } from "@parsec/base";
import type { VlobId } from "@parsec/types";

/** An entry that `sync()` left behind. */
export interface LeftEntry {
  readonly id: VlobId;
  /** Where it is on this device; `undefined` when no folder leads to it. */
  readonly path: string | undefined;
  /** The code of `error`: `ENTRY_BUSY`, `CHUNK_NOT_FOUND`, `INVALID_MANIFEST`, `READ_ONLY`… */
  readonly reason: string;
  readonly error: ParsecError;
}

/**
 * Everything was synchronized but the entries of `left`: their content is on this device alone, or what the server has
 * of them is not here. Paths in the message are for the user of this device; never log it.
 */
export class SyncIncompleteError extends ParsecError<"SYNC_INCOMPLETE"> {
  override readonly name: string = "SyncIncompleteError";
  readonly left: readonly LeftEntry[];

  constructor(left: readonly LeftEntry[]) {
    const [first] = left;
    const example = first === undefined ? "" : `, ${first.path ?? first.id} among them (${first.reason})`;
    super("SYNC_INCOMPLETE", `${left.length} could not be synchronized${example}: see the reasons in \`left\``, {
      cause: first?.error,
    });
    this.left = left;
  }
}
