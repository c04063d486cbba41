import { joinSignals, onAbort, orAbort } from "@parsec/base";
import type { FsPath, VlobId } from "@parsec/types";
import type { ClientEvent } from "../../session/events.ts";
import type { WorkspaceContext } from "../context.ts";
import { whereabouts } from "../tree/path-of.ts";
import { resolve } from "../tree/resolve.ts";

export interface WatchOptions {
  /** Also tell of what is below the entry. Default false. */
  readonly recursive?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Something about this entry is another: its content, or, for a folder, what is in it. */
export interface EntryChange {
  readonly id: VlobId;
  /** Where the entry is by now; `undefined` when no folder leads to it any more. */
  readonly path: string | undefined;
}

/**
 * Tells of changes of an entry, wherever it is moved, made on this device or come from others (spec 11 §16.1). Changes
 * that nobody has asked for yet are told once. It begins with the call, and ends with the workspace or the session.
 */
export function watch(
  context: WorkspaceContext,
  path: FsPath,
  options: WatchOptions,
): AsyncGenerator<EntryChange, void, undefined> {
  const { session, realmId } = context;
  /** Entries with news, and the folder that each was in. */
  const news = new Map<VlobId, VlobId | undefined>();
  let wake = () => {};
  const listener = (event: ClientEvent) => {
    if (!("realmId" in event) || event.realmId !== realmId) return;
    if (event.type !== "outbound_sync_needed" && event.type !== "inbound_sync_done") return;
    const isInbound = event.type === "inbound_sync_done";
    const parent = isInbound ? context.manifests.peek(event.entryId)?.parent : undefined;
    news.set(event.entryId, parent ?? news.get(event.entryId));
    wake();
  };
  const stop = session.events.onAny(listener);
  const joined = joinSignals(options.signal, context.closed);
  const source = context.manifests.with({ signal: joined.signal });
  const resolving = resolve(context, source, path).then(({ manifest }) => manifest.base.id);
  resolving.catch(() => undefined);
  const release = () => {
    stop();
    joined.release();
  };
  // Also when nobody ever asked.
  onAbort(joined.signal, stop);
  return generate();

  async function* generate(): AsyncGenerator<EntryChange, void, undefined> {
    try {
      const watched = await orAbort(resolving, joined.signal);
      for (;;) {
        options.signal?.throwIfAborted();
        if (context.closed.aborted) return;
        const [next] = news;
        if (next === undefined) {
          await nextNews();
          continue;
        }
        news.delete(next[0]);
        for (const id of await concerned(watched, next)) {
          session.events.send({ type: "watched_entry_changed", realmId, entryId: id });
          yield { id, path: await pathOf(id) };
        }
      }
    } finally {
      release();
    }
  }

  async function nextNews(): Promise<void> {
    let stopListening = () => {};
    await new Promise<void>((done) => {
      wake = done;
      // Whoever aborts is told at the next turn.
      stopListening = onAbort(joined.signal, done);
    });
    stopListening();
  }

  /** Which of the entries that are watched the news is about. */
  async function concerned(watched: VlobId, [id, parent]: [VlobId, VlobId | undefined]): Promise<readonly VlobId[]> {
    const isOwn = id === watched || parent === watched;
    if (isOwn) return [watched].concat(options.recursive === true && id !== watched ? [id] : []);
    return options.recursive === true && (await isBelow(watched, id)) ? [id] : [];
  }

  async function isBelow(watched: VlobId, id: VlobId): Promise<boolean> {
    const seen = new Set<VlobId>();
    for (let current = id; !seen.has(current); ) {
      if (current === watched) return true;
      seen.add(current);
      const entry = await context.manifests.getReadable(current);
      if (entry === undefined) return false;
      current = entry.parent;
    }
    return false;
  }

  async function pathOf(id: VlobId): Promise<string | undefined> {
    const where = await whereabouts(context, id, { signal: joined.signal });
    return where.kind === "reachable" ? where.path : undefined;
  }
}
