import { breathe, Mutex } from "@parsec/base";

/** One piece of work after the other: many at once would all have waited for the same turn of the timers. */
const turns = /* @__PURE__ */ new Mutex();

/** Work that keeps this thread for a while, with a turn for timers and events before it when there is much of it. */
export function inTurn<T>(work: () => Promise<T> | T, signal: AbortSignal | undefined): Promise<T> {
  return turns.run(
    async () => {
      await breathe();
      return work();
    },
    { signal },
  );
}
