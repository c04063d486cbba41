import { orAbort } from "@parsec/base";
import type { VlobId } from "@parsec/types";

/** Gives the entry back; idempotent. */
export type Release = () => void;

/**
 * Who may change which entry (spec 11 §3): the holder of its lock, one at a time. User operations wait for it; a sync
 * gives up at once, since the entry is about to change anyway.
 */
export class EntryLocks {
  readonly #held = new Map<VlobId, Promise<void>>();

  isHeld(id: VlobId): boolean {
    return this.#held.has(id);
  }

  /** Resolves when nobody holds the entry; somebody may take it right after. */
  async whenFree(id: VlobId, options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    for (let freed = this.#held.get(id); freed !== undefined; freed = this.#held.get(id)) {
      await orAbort(freed, options.signal);
    }
  }

  /** The lock, or `undefined` at once when somebody holds it. */
  tryAcquire(id: VlobId): Release | undefined {
    if (this.#held.has(id)) return undefined;
    let free = () => {};
    const freed = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#held.set(id, freed);
    return () => {
      if (this.#held.get(id) === freed) this.#held.delete(id);
      free();
    };
  }

  /**
   * Runs `task` holding all of these entries. They are taken together or not at all, so that two tasks never wait for
   * each other.
   */
  async run<T>(
    ids: readonly VlobId[],
    task: () => Promise<T>,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const release = await this.#acquireAll([...new Set(ids)], options.signal);
    try {
      return await task();
    } finally {
      release();
    }
  }

  async #acquireAll(ids: readonly VlobId[], signal: AbortSignal | undefined): Promise<Release> {
    for (;;) {
      const taken = ids.map((id) => this.#held.get(id)).find((freed) => freed !== undefined);
      if (taken !== undefined) {
        await orAbort(taken, signal);
        continue;
      }
      const releases = ids.map((id) => this.tryAcquire(id));
      return () => {
        for (const release of releases) release?.();
      };
    }
  }
}
