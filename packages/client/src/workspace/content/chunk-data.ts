import { hasCode } from "@parsec/base";
import { sha256 } from "@parsec/crypto";
import { blockIdOfChunk, type ChunkId, type ChunkView, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { fetchBlock } from "../remote/fetch-block.ts";

export interface ChunkDataOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whose content it is, for the error. */
  readonly entryId: VlobId;
  /** Where that entry was found, for the error. */
  readonly path?: string | undefined;
}

/**
 * The whole data of the chunk that a view looks at: from this device, else from the server, and then kept in the block
 * cache (spec 11 §3.2). A damaged chunk is taken for an absent one: the server may have it.
 * @throws WorkspaceError CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE; InvalidBlockError; ClientError
 */
export async function chunkData(
  context: WorkspaceContext,
  view: ChunkView,
  options: ChunkDataOptions,
): Promise<Uint8Array> {
  const chunk = await localChunk(context, view.id);
  if (chunk.data !== undefined) return chunk.data;
  const block = await cachedBlock(context, view, options);
  if (block !== undefined) return block;
  if (view.access === null) throw contentLost(options, chunk.damage);
  let data: Uint8Array;
  try {
    data = await fetchBlock(context, view.access, options);
  } catch (error) {
    throw hasCode(error, "CHUNK_NOT_FOUND") ? contentLost(options, chunk.damage ?? error) : error;
  }
  // Resolves whether it could be cached or not.
  await context.store.setBlock(blockIdOfChunk(view.id), data);
  return data;
}

/**
 * What the block cache has of a view. Another block in its place, as whole and readable as it may be, is as good as none:
 * size and digest tell.
 */
export async function cachedBlock(
  { store }: WorkspaceContext,
  { id, access }: ChunkView,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array | undefined> {
  const block = await store.getBlock(blockIdOfChunk(id));
  if (block === undefined || access === null) return block;
  if (block.length !== access.size) return undefined;
  return (await sha256(block, options)).equals(access.digest) ? block : undefined;
}

/** A chunk of this device, if it can be read; else why not. */
export async function localChunk(
  { store }: WorkspaceContext,
  id: ChunkId,
): Promise<{ readonly data: Uint8Array | undefined; readonly damage?: unknown }> {
  try {
    return { data: await store.getChunk(id) };
  } catch (damage) {
    if (!hasCode(damage, "STORAGE_CORRUPTED")) throw damage;
    return { data: undefined, damage };
  }
}

export function contentLost(
  { entryId, path }: { readonly entryId?: VlobId; readonly path?: string | undefined },
  cause: unknown,
): WorkspaceError {
  return new WorkspaceError(
    "CHUNK_NOT_FOUND",
    `Content of ${path ?? "a file"} is lost: it is neither on this device nor on the server. Write the file again`,
    { ...(entryId === undefined ? {} : { entryId }), cause },
  );
}
