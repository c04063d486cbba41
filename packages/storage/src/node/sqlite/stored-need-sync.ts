import { breathe } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import { NeedSyncIndex } from "../../driver/need-sync-index.ts";
import type { PageCursor } from "../../driver/port.ts";
import type { SqliteFile } from "./file.ts";
import { readPage } from "./vlob-pages.ts";
import { stateColumns, type VlobState, vlobState } from "./vlobs.ts";

/** Rows that one statement looks at, so that a large workspace does not stop the process. */
const pageSize = 2000;

/**
 * Which manifests have something to synchronise. The layout has no index for that: the table is read once, when it is
 * first asked for, and every write is followed from then on.
 */
export class StoredNeedSync {
  readonly #file: SqliteFile;
  readonly #index = new NeedSyncIndex();
  #loading: Promise<void> | undefined;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  /** What was committed. A row may be told here before {@link loaded} comes to it: it will read the same. */
  follow(changes: Iterable<VlobChange>): void {
    for (const change of changes) {
      if ("deleted" in change) this.#index.delete(change.deleted);
      else this.#index.put(change);
    }
  }

  loaded(): Promise<NeedSyncIndex> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading.then(() => this.#index);
  }

  async #load(): Promise<void> {
    for (let after: PageCursor | undefined; ; ) {
      const { items, next } = readPage(this.#file, { columns: stateColumns, after, limit: pageSize }, vlobState);
      for (const row of items) if (!("damage" in row)) this.#index.put(row);
      if (next === undefined) return;
      after = next;
      await breathe();
    }
  }
}

export type VlobChange = VlobState | { readonly deleted: VlobId };
