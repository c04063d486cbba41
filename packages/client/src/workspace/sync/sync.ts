import { forEachConcurrently, type OperationOptions } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFolder } from "../manifests.ts";
import { whereabouts } from "../tree/path-of.ts";
import { inboundSync, refreshCheckpoint } from "./inbound.ts";
import { type OutboundOutcome, outboundSync } from "./outbound.ts";

/** Entries that are synchronized at the same time. */
const entriesInFlight = 8;
/** Above what any workspace holds: the lists of entries to synchronize are taken whole. */
const noLimit = 2 ** 31 - 1;
/** A server that reports a newer version each time, and never gives it, is not believed for ever. */
const maxMerges = 8;

/**
 * Brings this device and the server in step: first what the server has, then what only this device has. Resolves when
 * the server has everything that is not confined to this device; progress counts uploaded bytes of content.
 */
export async function syncWorkspace(context: WorkspaceContext, options: OperationOptions = {}): Promise<void> {
  await context.session.realms.ensureBootstrapped(context.realmId, options);
  await pull(context, options);
  await push(context, options);
}

/** Takes in what changed on the server, for the entries that this device has. */
export async function pull(context: WorkspaceContext, options: OperationOptions = {}): Promise<void> {
  await refreshCheckpoint(context, options);
  const ids = await context.store.getInboundNeedSync(noLimit);
  await forEachConcurrently(
    ids,
    entriesInFlight,
    async (id) => void (await inboundSync(context, id, options)),
    options,
  );
}

/** Uploads what changed on this device: files before the folders that name them, deep folders before their parents. */
async function push(context: WorkspaceContext, options: OperationOptions): Promise<void> {
  const uploaded = progressOf(await context.store.getOutboundBacklog(), options);
  const left = new Set<VlobId>();
  for (;;) {
    const ids = (await context.store.getOutboundNeedSync(noLimit)).filter((id) => !left.has(id));
    if (ids.length === 0) return;
    for (const batch of await inOrder(context, ids, options)) {
      await forEachConcurrently(
        batch,
        entriesInFlight,
        async (id) => {
          const outcome = await pushEntry(context, id, { ...options, onUploaded: uploaded });
          if (outcome !== "done") left.add(id);
        },
        options,
      );
    }
  }
}

/** Until the server has the entry, or cannot have it. */
export async function pushEntry(
  context: WorkspaceContext,
  id: VlobId,
  options: OperationOptions & { onUploaded?: ((size: number) => void) | undefined } = {},
): Promise<OutboundOutcome> {
  for (let merges = 0; ; ) {
    const outcome = await outboundSync(context, id, options);
    if (outcome === "busy") continue;
    if (outcome === "inbound_needed" && merges < maxMerges) {
      merges += 1;
      await inboundSync(context, id, options);
    } else {
      return outcome;
    }
  }
}

/** Entries that can be uploaded together, one batch after the other. */
async function inOrder(
  context: WorkspaceContext,
  ids: readonly VlobId[],
  options: OperationOptions,
): Promise<readonly (readonly VlobId[])[]> {
  const files: VlobId[] = [];
  const foldersByDepth = new Map<number, VlobId[]>();
  for (const id of ids) {
    const where = await whereabouts(context, id, options);
    if (where.kind === "missing" || !isFolder(where.manifest)) {
      files.push(id);
    } else {
      const depth = where.kind === "reachable" ? where.chain.length : 0;
      foldersByDepth.set(depth, [...(foldersByDepth.get(depth) ?? []), id]);
    }
  }
  const deepestFirst = [...foldersByDepth].sort(([a], [b]) => b - a).map(([, folders]) => folders);
  return [files, ...deepestFirst];
}

function progressOf(backlog: { readonly bytes: number }, options: OperationOptions): (size: number) => void {
  let done = 0;
  return (size) => {
    done += size;
    options.onProgress?.({ done, total: Math.max(done, backlog.bytes) });
  };
}
