import type { Store, Transaction } from "../../src/store/port/store.ts";

/** A store that counts the rows of vlobs and blocks that it gives in one answer, and the bytes of blobs in them. */
export class CountedStore {
  readonly store: Store;
  /** Of all answers together, and of the largest. */
  rows = 0;
  mostRows = 0;
  mostBytes = 0;

  constructor(inner: Store) {
    const transaction: Store["transaction"] = async (run, origin) =>
      await inner.transaction((tx) => run(this.#counted(tx)), origin);
    this.store = {
      transaction,
      exclusively: (key, run) => inner.exclusively(key, run),
      subscribe: (listener, onGap) => inner.subscribe(listener, onGap),
      failure: inner.failure,
      reset: () => inner.reset(),
      close: () => inner.close(),
    };
  }

  #counted(tx: Transaction): Transaction {
    const counted = <Q extends object>(queries: Q): Q =>
      new Proxy(queries, {
        get: (target, name, receiver) => {
          const query: unknown = Reflect.get(target, name, receiver);
          if (typeof query !== "function") return query;
          return async (...args: readonly unknown[]) => {
            const answer: unknown = await Reflect.apply(query, target, args);
            if (Array.isArray(answer)) this.#count(answer);
            return answer;
          };
        },
      });
    return { ...tx, vlobs: counted(tx.vlobs), blocks: counted(tx.blocks) };
  }

  #count(rows: readonly unknown[]): void {
    const blobs = rows.map((row) => (hasBlob(row) ? row.blob.length : 0));
    this.rows += rows.length;
    this.mostRows = Math.max(this.mostRows, rows.length);
    this.mostBytes = Math.max(
      this.mostBytes,
      blobs.reduce((sum, size) => sum + size, 0),
    );
  }
}

function hasBlob(row: unknown): row is { readonly blob: Uint8Array } {
  return typeof row === "object" && row !== null && "blob" in row && row.blob instanceof Uint8Array;
}
