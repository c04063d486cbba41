import { type BlockId, blockIdOfChunk, type ChunkId, type VlobId } from "@parsec/types";
import {
  type BlockRow,
  type BlockWrite,
  type ChunkRow,
  initialPattern,
  type OutboundBacklog,
  type StoredPattern,
  type VlobRow,
  type WorkspaceDatabase,
  type WorkspaceWrite,
} from "../port.ts";

export class MemoryWorkspace implements WorkspaceDatabase {
  readonly #vlobs = new Map<VlobId, VlobRow>();
  readonly #chunks = new Map<ChunkId, ChunkRow>();
  readonly #blocks = new Map<BlockId, BlockRow>();
  #checkpoint = 0;
  #pattern = initialPattern;

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
        this.#vlobs.set(write.row.id, write.row);
        return;
      case "set_remote_version": {
        const row = this.#vlobs.get(write.id);
        if (row !== undefined) this.#vlobs.set(write.id, { ...row, remoteVersion: write.remoteVersion });
        return;
      }
      case "put_chunk":
        this.#chunks.set(write.chunk.id, write.chunk);
        return;
      case "delete_chunk":
        this.#chunks.delete(write.id);
    }
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

  async moveChunkToBlock(id: ChunkId, accessedOn: number, after: readonly BlockWrite[]): Promise<boolean> {
    const chunk = this.#chunks.get(id);
    if (chunk === undefined) return false;
    const block = { id: blockIdOfChunk(id), data: chunk.data, accessedOn };
    this.#applyBlocks([{ kind: "put_block", block }, ...after]);
    this.#chunks.delete(id);
    return true;
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

  async vlobs(offset: number, limit: number): Promise<readonly VlobRow[]> {
    return [...this.#vlobs.values()].slice(offset, offset + limit);
  }

  async inboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#idsWhere((row) => row.baseVersion !== row.remoteVersion, limit);
  }

  async outboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#idsWhere((row) => row.needSync, limit);
  }

  #idsWhere(keep: (row: VlobRow) => boolean, limit: number): VlobId[] {
    const rows = [...this.#vlobs.values()].filter(keep).slice(0, limit);
    return rows.map((row) => row.id);
  }

  async outboundBacklog(): Promise<OutboundBacklog> {
    const dirty = [...this.#vlobs.values()].filter((row) => row.needSync);
    const sizes = [...this.#chunks.values()].map((chunk) => chunk.data.length);
    return { entries: dirty.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  async chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#chunks.get(id)?.data;
  }

  async chunkIds(): Promise<readonly ChunkId[]> {
    return [...this.#chunks.keys()];
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
