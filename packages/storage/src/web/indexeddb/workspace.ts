import { type BlockId, blockIdOfChunk, type ChunkId, type VlobId } from "@parsec/types";
import type { DBSchema, StoreNames } from "idb";
import {
  type BlockWrite,
  initialPattern,
  type OutboundBacklog,
  type StoredPattern,
  type VlobRow,
  type WorkspaceDatabase,
  type WorkspaceWrite,
} from "../../driver/port.ts";
import { Database, type Migrations, stored, type Transaction } from "./database.ts";

/** The flags are numbers: booleans cannot be index keys. They follow the versions in every write. */
interface VlobRecord {
  readonly id: VlobId;
  readonly base_version: number;
  readonly remote_version: number;
  readonly inbound_need_sync: 0 | 1;
  readonly outbound_need_sync: 0 | 1;
  readonly blob: Uint8Array;
}

interface Schema extends DBSchema {
  checkpoint: { key: number; value: number };
  prevent_sync_pattern: { key: number; value: StoredPattern };
  vlobs: { key: VlobId; value: VlobRecord; indexes: { inbound: number; outbound: number } };
  chunks: { key: ChunkId; value: Uint8Array };
  /** Sizes apart, so that the backlog reads no content. */
  chunk_sizes: { key: ChunkId; value: number };
  blocks: { key: BlockId; value: Uint8Array };
  /** Access times apart, so that a touch writes no content. */
  block_access: { key: BlockId; value: { readonly accessed_on: number }; indexes: { by_time: number } };
}

const migrations: Migrations<Schema> = [
  (database) => {
    database.createObjectStore("checkpoint");
    database.createObjectStore("prevent_sync_pattern");
    const vlobs = database.createObjectStore("vlobs", { keyPath: "id" });
    vlobs.createIndex("inbound", "inbound_need_sync");
    vlobs.createIndex("outbound", "outbound_need_sync");
    database.createObjectStore("chunks");
    database.createObjectStore("chunk_sizes");
    database.createObjectStore("blocks");
    database.createObjectStore("block_access").createIndex("by_time", "accessed_on");
  },
];

/** The key of the stores that hold one value. */
const only = 1;

const dataStores: StoreNames<Schema>[] = ["checkpoint", "prevent_sync_pattern", "vlobs", "chunks", "chunk_sizes"];
const cacheStores: StoreNames<Schema>[] = ["blocks", "block_access"];

export class IndexedDbWorkspace implements WorkspaceDatabase {
  readonly #database: Database<Schema>;

  private constructor(database: Database<Schema>) {
    this.#database = database;
  }

  static async open(name: string): Promise<IndexedDbWorkspace> {
    return new IndexedDbWorkspace(await Database.open(name, migrations));
  }

  apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    return this.#database.write(dataStores, async (transaction) => {
      for (const write of writes) await applyWrite(transaction, write);
    });
  }

  applyToCache(writes: readonly BlockWrite[]): Promise<void> {
    return this.#database.write(cacheStores, async (transaction) => {
      for (const write of writes) await applyBlock(transaction, write);
    });
  }

  moveChunkToBlock(id: ChunkId, accessedOn: number, after: readonly BlockWrite[]): Promise<boolean> {
    return this.#database.write([...dataStores, ...cacheStores], async (transaction) => {
      const data = await transaction.objectStore("chunks").get(id);
      if (data === undefined) return false;
      const block = { id: blockIdOfChunk(id), data, accessedOn };
      await applyBlock(transaction, { kind: "put_block", block });
      for (const write of after) await applyBlock(transaction, write);
      await applyWrite(transaction, { kind: "delete_chunk", id });
      return true;
    });
  }

  async checkpoint(): Promise<number> {
    return (await this.#database.read((connection) => connection.get("checkpoint", only))) ?? 0;
  }

  async pattern(): Promise<StoredPattern> {
    const pattern = await this.#database.read((connection) => connection.get("prevent_sync_pattern", only));
    return pattern ?? initialPattern;
  }

  async vlob(id: VlobId): Promise<VlobRow | undefined> {
    const record = await this.#database.read((connection) => connection.get("vlobs", id));
    return record === undefined ? undefined : vlobRow(record);
  }

  async remoteVersion(id: VlobId): Promise<number | undefined> {
    return (await this.vlob(id))?.remoteVersion;
  }

  async vlobs(offset: number, limit: number): Promise<readonly VlobRow[]> {
    if (limit === 0) return [];
    const records = await this.#database.read((connection) => connection.getAll("vlobs", undefined, offset + limit));
    return records.slice(offset).map(vlobRow);
  }

  inboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#flagged("inbound", limit);
  }

  outboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#flagged("outbound", limit);
  }

  async #flagged(index: "inbound" | "outbound", limit: number): Promise<readonly VlobId[]> {
    // A count of 0 means "all" to IndexedDB.
    if (limit === 0) return [];
    return this.#database.read((connection) => connection.getAllKeysFromIndex("vlobs", index, 1, limit));
  }

  outboundBacklog(): Promise<OutboundBacklog> {
    return this.#database.read(async (connection) => {
      const transaction = connection.transaction(["vlobs", "chunk_sizes"]);
      const entries = await transaction.objectStore("vlobs").index("outbound").count(1);
      const sizes = await transaction.objectStore("chunk_sizes").getAll();
      return { entries, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    });
  }

  chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#database.read((connection) => connection.get("chunks", id));
  }

  chunkIds(): Promise<readonly ChunkId[]> {
    return this.#database.read((connection) => connection.getAllKeys("chunk_sizes"));
  }

  block(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#database.read((connection) => connection.get("blocks", id));
  }

  blockIds(): Promise<readonly BlockId[]> {
    return this.#database.read((connection) => connection.getAllKeysFromIndex("block_access", "by_time"));
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

async function applyWrite(transaction: Transaction<Schema>, write: WorkspaceWrite): Promise<void> {
  switch (write.kind) {
    case "put_checkpoint":
      await transaction.objectStore("checkpoint").put(write.checkpoint, only);
      return;
    case "put_pattern":
      await transaction.objectStore("prevent_sync_pattern").put(write.pattern, only);
      return;
    case "put_vlob":
      await transaction.objectStore("vlobs").put(vlobRecord(write.row));
      return;
    case "set_remote_version": {
      const store = transaction.objectStore("vlobs");
      const record = await store.get(write.id);
      if (record === undefined) return;
      await store.put(vlobRecord({ ...vlobRow(record), remoteVersion: write.remoteVersion }));
      return;
    }
    case "put_chunk":
      await transaction.objectStore("chunks").put(stored(write.chunk.data), write.chunk.id);
      await transaction.objectStore("chunk_sizes").put(write.chunk.data.length, write.chunk.id);
      return;
    case "delete_chunk":
      await transaction.objectStore("chunks").delete(write.id);
      await transaction.objectStore("chunk_sizes").delete(write.id);
  }
}

async function applyBlock(transaction: Transaction<Schema>, write: BlockWrite): Promise<void> {
  const blocks = transaction.objectStore("blocks");
  const access = transaction.objectStore("block_access");
  switch (write.kind) {
    case "put_block": {
      const { id, data, accessedOn } = write.block;
      await blocks.put(stored(data), id);
      await access.put({ accessed_on: accessedOn }, id);
      return;
    }
    case "touch_block":
      if ((await access.getKey(write.id)) === undefined) return;
      await access.put({ accessed_on: write.accessedOn }, write.id);
      return;
    case "delete_all_blocks":
      await blocks.clear();
      await access.clear();
      return;
    case "evict_blocks": {
      const surplus = (await access.count()) - write.max;
      if (surplus <= 0) return;
      const oldest = await access.index("by_time").getAllKeys(undefined, surplus + write.slack);
      for (const id of oldest) {
        await blocks.delete(id);
        await access.delete(id);
      }
    }
  }
}

function vlobRecord(row: VlobRow): VlobRecord {
  return {
    id: row.id,
    base_version: row.baseVersion,
    remote_version: row.remoteVersion,
    inbound_need_sync: row.baseVersion === row.remoteVersion ? 0 : 1,
    outbound_need_sync: row.needSync ? 1 : 0,
    blob: stored(row.blob),
  };
}

function vlobRow(record: VlobRecord): VlobRow {
  return {
    id: record.id,
    baseVersion: record.base_version,
    remoteVersion: record.remote_version,
    needSync: record.outbound_need_sync === 1,
    blob: record.blob,
  };
}
