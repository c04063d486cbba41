import { type BlockId, blockIdOfChunk, type ChunkId, type VlobId } from "@parsec/types";
import { NeedSyncIndex } from "../need-sync-index.ts";
import {
  type BlockRow,
  type BlockWrite,
  type ChunkInfo,
  type ChunkRow,
  initialPattern,
  type Page,
  type PageCursor,
  type StoredPattern,
  type VlobRow,
  type WorkspaceDatabase,
  type WorkspaceWrite,
} from "../port.ts";

interface StoredChunk extends ChunkRow {
  readonly sent: boolean;
}

export class MemoryWorkspace implements WorkspaceDatabase {
  readonly #vlobs = new Map<VlobId, VlobRow>();
  readonly #chunks = new Map<ChunkId, StoredChunk>();
  readonly #blocks = new Map<BlockId, BlockRow>();
  readonly #needSync = new NeedSyncIndex();
  #checkpoint = 0;
  #pattern = initialPattern;
  /** Ascending; made when it is asked for, gone when an id comes or goes. */
  #sortedIds: readonly VlobId[] | undefined;

  async apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    for (const write of writes) this.#applyOne(write);
  }

  #applyOne(write: WorkspaceWrite): void {
    switch (write.kind) {
      case "put_checkpoint":
        this.#checkpoint = write.checkpoint;
        return;
      case "put_pattern":
        this.#pattern = write.pattern;
        return;
      case "put_vlob":
        this.#putVlob(write.row);
        return;
      case "delete_vlob":
        this.#needSync.delete(write.id);
        if (this.#vlobs.delete(write.id)) this.#sortedIds = undefined;
        return;
      case "set_remote_version": {
        const row = this.#vlobs.get(write.id);
        if (row !== undefined) this.#putVlob({ ...row, remoteVersion: write.remoteVersion });
        return;
      }
      case "put_chunk":
        this.#chunks.set(write.chunk.id, { ...write.chunk, sent: false });
        return;
      case "mark_chunk_sent": {
        const chunk = this.#chunks.get(write.id);
        if (chunk !== undefined) this.#chunks.set(write.id, { ...chunk, sent: true });
        return;
      }
      case "delete_chunk":
        this.#chunks.delete(write.id);
    }
  }

  #putVlob(row: VlobRow): void {
    if (!this.#vlobs.has(row.id)) this.#sortedIds = undefined;
    this.#vlobs.set(row.id, row);
    this.#needSync.put(row);
  }

  async applyToCache(writes: readonly BlockWrite[]): Promise<void> {
    this.#applyBlocks(writes);
  }

  #applyBlocks(writes: readonly BlockWrite[]): void {
    for (const write of writes) this.#applyBlock(write);
  }

  #applyBlock(write: BlockWrite): void {
    switch (write.kind) {
      case "put_block":
        this.#blocks.set(write.block.id, write.block);
        return;
      case "touch_block": {
        const block = this.#blocks.get(write.id);
        if (block !== undefined) this.#blocks.set(write.id, { ...block, accessedOn: write.accessedOn });
        return;
      }
      case "delete_block":
        this.#blocks.delete(write.id);
        return;
      case "delete_all_blocks":
        this.#blocks.clear();
        return;
      case "evict_blocks": {
        const surplus = this.#blocks.size - write.max;
        if (surplus <= 0) return;
        for (const { id } of this.#oldestFirst().slice(0, surplus + write.slack)) this.#blocks.delete(id);
      }
    }
  }

  async moveChunksToBlocks(ids: readonly ChunkId[], accessedOn: number, after: readonly BlockWrite[]): Promise<void> {
    for (const id of ids) {
      const chunk = this.#chunks.get(id);
      if (chunk === undefined) continue;
      this.#applyBlock({ kind: "put_block", block: { id: blockIdOfChunk(id), data: chunk.data, accessedOn } });
      this.#chunks.delete(id);
    }
    this.#applyBlocks(after);
  }

  async checkpoint(): Promise<number> {
    return this.#checkpoint;
  }

  async pattern(): Promise<StoredPattern> {
    return this.#pattern;
  }

  async vlob(id: VlobId): Promise<VlobRow | undefined> {
    return this.#vlobs.get(id);
  }

  async remoteVersion(id: VlobId): Promise<number | undefined> {
    return this.#vlobs.get(id)?.remoteVersion;
  }

  async vlobs(after: PageCursor | undefined, limit: number): Promise<Page<VlobRow>> {
    this.#sortedIds ??= [...this.#vlobs.keys()].sort();
    const start = after === undefined ? 0 : firstAbove(this.#sortedIds, String(after));
    const ids = this.#sortedIds.slice(start, start + limit);
    return {
      items: ids.flatMap((id) => this.#vlobs.get(id) ?? []),
      next: ids.length < limit ? undefined : ids.at(-1),
    };
  }

  async inboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#needSync.inbound(limit);
  }

  async outboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#needSync.outbound(limit);
  }

  async outboundCount(): Promise<number> {
    return this.#needSync.outboundCount;
  }

  async chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#chunks.get(id)?.data;
  }

  async chunkInfos(): Promise<readonly ChunkInfo[]> {
    return [...this.#chunks.values()].map(({ id, data, sent }) => ({ id, size: data.length, sent }));
  }

  async block(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#blocks.get(id)?.data;
  }

  async blockIds(): Promise<readonly BlockId[]> {
    return this.#oldestFirst().map((block) => block.id);
  }

  #oldestFirst(): BlockRow[] {
    return [...this.#blocks.values()].sort((a, b) => a.accessedOn - b.accessedOn);
  }

  /** What is stored outlives the opening. */
  async close(): Promise<void> {}
}

/** Index of the first element above `id` in an ascending list. */
function firstAbove(ids: readonly VlobId[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? id) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
