import type { WorkspaceStore } from "@parsec/storage";
import type { ChunkId } from "@parsec/types";

/** What becomes of a chunk once nobody uses it: it is deleted, or, when the server has it, becomes a cached block. */
export type ChunkFate = "delete" | "cache";

/** Lets go of chunks in the storage. */
export type ReleaseChunks = (ids: readonly ChunkId[], fate: ChunkFate) => Promise<void>;

/** Chunks in use by one reader, upload or write. */
export interface ChunkHold {
  add(ids: Iterable<ChunkId>): void;
  /** They may go. Idempotent. */
  release(): void;
}

/** What a change of manifests does to content: see {@link ChunkPins.storing}. */
export interface ContentChange {
  /** Chunks that the new manifests name. */
  readonly named: Iterable<ChunkId>;
  /** Chunks that no manifest names any more after the change. */
  readonly dropped: Iterable<ChunkId>;
}

/**
 * Who uses which chunks right now: readers the content that they began with, uploads what they send, writes what they
 * stored and no manifest names yet. A chunk in use outlives the manifest that named it; the last user's leaving lets it
 * go. After a crash nobody uses anything: what is left over is swept (`purge.ts`).
 *
 * In memory, and synchronous: between looking at a manifest and holding its chunks nothing can come in between.
 */
export class ChunkPins {
  readonly #releaseChunks: ReleaseChunks;
  readonly #users = new Map<ChunkId, number>();
  /** In use, but for no manifest: what happens to them when their last user leaves. */
  readonly #waiting = new Map<ChunkId, ChunkFate>();
  /** Deleted by a transaction under way, until that ends. */
  readonly #leaving = new Map<ChunkId, Promise<void>>();
  readonly #releasing = new Set<Promise<void>>();

  constructor(releaseChunks: ReleaseChunks) {
    this.#releaseChunks = releaseChunks;
  }

  /** Holds chunks; `undefined` when one of them is just being deleted: {@link settled} tells when that is over. */
  hold(ids: readonly ChunkId[] = []): ChunkHold | undefined {
    if (ids.some((id) => this.#leaving.has(id))) return undefined;
    return this.#newHold(ids);
  }

  /** For content that is new, and that nobody can be deleting. */
  holdNew(): ChunkHold {
    return this.#newHold([]);
  }

  isHeld(id: ChunkId): boolean {
    return this.#users.has(id);
  }

  /** Whether no manifest names the chunk any more, and only its users keep it. */
  isAbandoned(id: ChunkId): boolean {
    return this.#waiting.get(id) === "delete";
  }

  /** Resolves when no transaction deletes any of these. */
  async settled(ids: readonly ChunkId[]): Promise<void> {
    for (const id of ids) await this.#leaving.get(id);
  }

  /** Resolves when all that users let go of so far is gone, and what is under way besides (see {@link track}). */
  async idle(): Promise<void> {
    while (this.#releasing.size > 0) await Promise.all(this.#releasing);
  }

  /** Has {@link idle} wait for other work that frees content; its failure is nobody's. */
  track(work: Promise<unknown>): void {
    const over: Promise<void> = work
      .then(
        () => undefined,
        // What cannot go now is swept when the workspace opens again.
        () => undefined,
      )
      .finally(() => this.#releasing.delete(over));
    this.#releasing.add(over);
  }

  /**
   * Runs the transaction of a change. Of the dropped chunks it gets those that nobody uses, to delete with it; the
   * others go once their last user has left, or stay if a later change names them again. When it fails, nothing changes.
   */
  async storing<T>(change: ContentChange, store: (removable: readonly ChunkId[]) => Promise<T>): Promise<T> {
    const named = new Set(change.named);
    const dropped = [...change.dropped].filter((id) => !named.has(id));
    const removable = dropped.filter((id) => !this.#users.has(id));
    const stored = store(removable);
    const over = stored.then(
      () => undefined,
      () => undefined,
    );
    for (const id of removable) this.#leaving.set(id, over);
    try {
      const result = await stored;
      for (const id of named) if (this.#waiting.get(id) === "delete") this.#waiting.delete(id);
      const removed = new Set(removable);
      this.letGo(
        dropped.filter((id) => !removed.has(id)),
        "delete",
      );
      return result;
    } finally {
      for (const id of removable) this.#leaving.delete(id);
    }
  }

  /** For chunks that no manifest needs any more: at once, or when their last user leaves. */
  letGo(ids: Iterable<ChunkId>, fate: ChunkFate): void {
    const free: ChunkId[] = [];
    for (const id of ids) {
      if (!this.#users.has(id)) free.push(id);
      else if (this.#waiting.get(id) !== "delete") this.#waiting.set(id, fate);
    }
    this.#release(free, fate);
  }

  #newHold(ids: Iterable<ChunkId>): ChunkHold {
    let held: Set<ChunkId> | undefined = new Set();
    const add = (more: Iterable<ChunkId>) => {
      for (const id of more) {
        if (held === undefined || held.has(id)) continue;
        held.add(id);
        this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
      }
    };
    add(ids);
    return {
      add,
      release: () => {
        const mine = held ?? [];
        held = undefined;
        this.#leave(mine);
      },
    };
  }

  #leave(ids: Iterable<ChunkId>): void {
    const free: Record<ChunkFate, ChunkId[]> = { delete: [], cache: [] };
    for (const id of ids) {
      const left = (this.#users.get(id) ?? 1) - 1;
      if (left > 0) {
        this.#users.set(id, left);
        continue;
      }
      this.#users.delete(id);
      const fate = this.#waiting.get(id);
      if (fate === undefined) continue;
      this.#waiting.delete(id);
      free[fate].push(id);
    }
    this.#release(free.delete, "delete");
    this.#release(free.cache, "cache");
  }

  #release(ids: readonly ChunkId[], fate: ChunkFate): void {
    if (ids.length > 0) this.track(this.#releaseChunks(ids, fate));
  }
}

/** Chunks that are moved to the block cache in one transaction: as many as may be in memory at once. */
const movedTogether = 16;

/** Lets go of chunks in this storage. */
export function releasingFrom(store: WorkspaceStore): ReleaseChunks {
  return async (ids, fate) => {
    if (fate === "delete") {
      await store.removeChunks(ids);
      return;
    }
    for (let start = 0; start < ids.length; start += movedTogether) {
      await store.moveSentChunksToBlocks(ids.slice(start, start + movedTogether));
    }
  };
}
