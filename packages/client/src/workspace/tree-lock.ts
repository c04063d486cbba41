import { BugError, Mutex, onAbort, throwIfAborted } from "@parsec/base";
import type { DateTime, NamePattern, VlobId } from "@parsec/types";
import type { DamageError, LocalManifest, ManifestOptions } from "./manifests.ts";
import { NotLocal, TreeBatch, type TreeChanges, TreeDraft, type Unavailable } from "./tree/draft.ts";

/** What the lock reads and writes through. */
export interface TreeStore {
  /** Without the network; what is damaged is not there. */
  getReadable(id: VlobId): Promise<LocalManifest | undefined>;
  /** Brings entries here from the server. Gives those that cannot be had. */
  fetchMissing(ids: readonly VlobId[], options: ManifestOptions): Promise<Unavailable>;
  /** All of it in one transaction, or nothing. */
  store(changes: TreeChanges): Promise<void>;
}

export interface TreeLockOptions {
  readonly store: TreeStore;
  readonly pattern: NamePattern;
  readonly now: () => DateTime;
  /** Told of what a batch changed, once it is stored. */
  readonly onStored: (manifests: readonly LocalManifest[]) => void;
}

/** Checks local manifests and says what becomes of them; may run again from the start, with what it missed. */
export type TreeChange<T> = (draft: TreeDraft) => Promise<T> | T;

interface Queued {
  /** Runs the change on the batch. Gives what settles it once the batch is stored, or nothing when it was refused. */
  readonly apply: (batch: TreeBatch) => Promise<Settle | undefined>;
}

interface Settle {
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/** Changes that are stored in one transaction: enough to share its cost, few enough to be short. */
const maxBatch = 256;

/**
 * Who may change the tree of a workspace: one at a time. The lock covers each read, check and write of manifests, so
 * that what was checked (the parent leads to the root, the name is free, the folder is empty) still holds when it is
 * written. It is held for local reads and one transaction, never during a request, a source or a digest: nobody waits
 * long for it. Not reentrant.
 */
export class TreeLock {
  readonly #options: TreeLockOptions;
  readonly #mutex = new Mutex();
  #queue: Queued[] = [];

  constructor(options: TreeLockOptions) {
    this.#options = options;
  }

  /** Runs `task` while nobody changes the tree. An abort while waiting leaves the queue. */
  run<T>(task: () => Promise<T> | T, options: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    return this.#mutex.run(task, options);
  }

  /**
   * Queues a change. Whoever has the lock applies all that are queued, one after the other, each on what the others
   * made, and stores the result in one transaction: a folder that many of them change is written once. A change that
   * throws is undone and refused, and hinders no other; when the transaction fails, all of them fail.
   *
   * A change that asks for an entry that is not on this device is taken back, the entry is fetched outside the lock,
   * and the change runs again.
   *
   * An abort while waiting rejects at once; a change that has begun is finished.
   * @throws what `change` throws, StorageError, and what fetching throws
   */
  async change<T>(change: TreeChange<T>, options: ManifestOptions = {}): Promise<T> {
    const unavailable = new Map<VlobId, DamageError | undefined>();
    const asked = new Set<VlobId>();
    for (;;) {
      try {
        return await this.#enqueue(change, unavailable, options.signal);
      } catch (error) {
        if (!(error instanceof NotLocal)) throw error;
        const news = error.ids.filter((id) => !asked.has(id));
        if (news.length === 0) throw new BugError("An entry that was fetched is not on this device", { cause: error });
        for (const id of news) asked.add(id);
        const gone = await this.#options.store.fetchMissing(news, options);
        for (const [id, reason] of gone) unavailable.set(id, reason);
      }
    }
  }

  #enqueue<T>(change: TreeChange<T>, unavailable: Unavailable, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      let isOver = false;
      const stopListening = onAbort(signal, () => {
        isOver = true;
        reject(signal?.reason);
      });
      const apply = async (batch: TreeBatch): Promise<Settle | undefined> => {
        if (isOver) return undefined;
        stopListening();
        const draft = new TreeDraft(batch, unavailable);
        try {
          const value = await change(draft);
          return { stored: () => resolve(value), failed: reject };
        } catch (error) {
          draft.undo();
          reject(error);
          return undefined;
        }
      };
      this.#queue.push({ apply });
      // The first one queued brings the holder; those that come until it begins, and while it works, go with it.
      if (this.#queue.length === 1) void this.#mutex.run(() => this.#drain());
    });
  }

  async #drain(): Promise<void> {
    const { store, pattern, now, onStored } = this.#options;
    const queued = this.#queue;
    this.#queue = [];
    for (let start = 0; start < queued.length; start += maxBatch) {
      const batch = new TreeBatch(store, pattern, now());
      const applied: Settle[] = [];
      for (const { apply } of queued.slice(start, start + maxBatch)) {
        const settle = await apply(batch);
        if (settle !== undefined) applied.push(settle);
      }
      try {
        const changes = batch.changes();
        if (changes !== undefined) await store.store(changes);
        for (const { stored } of applied) stored();
        if (changes !== undefined) onStored(changes.manifests);
      } catch (error) {
        for (const { failed } of applied) failed(error);
      }
    }
  }
}
