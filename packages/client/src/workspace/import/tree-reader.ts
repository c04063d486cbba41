import { breathe, InvalidArgumentError, orAbort } from "@parsec/base";
import { pullIterable } from "../content/byte-source.ts";
import type { ImportEntry } from "./entry.ts";

/** The tree that an import reads, from the call to its end: whatever happens in between, the tree is told. */
export interface TreeReader {
  all(signal: AbortSignal): AsyncGenerator<ImportEntry, void, undefined>;
  /** Tells the tree that nobody reads on; waits for nothing. */
  close(): void;
}

/** @throws InvalidArgumentError for what is no tree */
export function openTree(entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>): TreeReader {
  if (
    typeof entries !== "object" ||
    entries === null ||
    !(Symbol.asyncIterator in entries || Symbol.iterator in entries)
  ) {
    throw new InvalidArgumentError("entries", "an iterable of entries", entries);
  }
  const pull = pullIterable<ImportEntry>(entries);
  return {
    async *all(signal) {
      for (;;) {
        await breathe();
        const { done, value } = await orAbort(pull.next(), signal);
        if (done === true || value === undefined) return;
        yield value;
      }
    },
    close: () => pull.close(undefined),
  };
}
