import type { BlockId, ChunkId, VlobId } from "@parsec/types";
import { blockIdOfChunk } from "@parsec/types";
import type { StoreNames } from "idb";
import {
  type BlockWrite,
  type ChunkInfo,
  initialPattern,
  type Page,
  type PageCursor,
  type StoredPattern,
  type VlobRow,
  type WorkspaceDatabase,
  type WorkspaceWrite,
} from "../../driver/port.ts";
import { Database, stored, type Transaction } from "./database.ts";
import {
  type BlockRecord,
  type ContentKey,
  migrations,
  only,
  type Schema,
  type VlobRecord,
} from "./workspace-schema.ts";

const dataStores: StoreNames<Schema>[] = ["checkpoint", "prevent_sync_pattern", "vlobs", "chunk_records", "content"];
const cacheStores: StoreNames<Schema>[] = ["block_records", "content"];

export class IndexedDbWorkspace implements WorkspaceDatabase {
  readonly #database: Database<Schema>;

  private constructor(database: Database<Schema>) {
    this.#database = database;
  }

  static async open(name: string): Promise<IndexedDbWorkspace> {
    return new IndexedDbWorkspace(await Database.open(name, migrations));
  }

  apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    return this.#database.write(storesOf(writes), async (transaction) => {
      for (const write of writes) await applyWrite(transaction, write);
    });
  }

  applyToCache(writes: readonly BlockWrite[]): Promise<void> {
    const work = async (transaction: Transaction<Schema>) => {
      for (const write of writes) await applyBlock(transaction, write);
    };
    return this.#database.write(cacheStores, work, "relaxed");
  }

  /** The content stays where it is: only the record that names it goes from one store to the other. */
  moveChunksToBlocks(ids: readonly ChunkId[], accessedOn: number, after: readonly BlockWrite[]): Promise<void> {
    const move = async (transaction: Transaction<Schema>) => {
      const chunks = transaction.objectStore("chunk_records");
      for (const id of ids) {
        const chunk = await chunks.get(id);
        if (chunk === undefined) continue;
        await chunks.delete(id);
        await putBlock(transaction, blockIdOfChunk(id), { content: chunk.content, accessed_on: accessedOn });
      }
      for (const write of after) await applyBlock(transaction, write);
    };
    return this.#database.write(["chunk_records", "block_records", "content"], move, "relaxed");
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

  async vlobs(after: PageCursor | undefined, limit: number): Promise<Page<VlobRow>> {
    // A count of 0 means "all" to IndexedDB.
    if (limit === 0) return { items: [], next: undefined };
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
    const records = await this.#database.read((connection) => connection.getAll("vlobs", range, limit));
    return { items: records.map(vlobRow), next: records.length < limit ? undefined : records.at(-1)?.id };
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

  outboundCount(): Promise<number> {
    return this.#database.read((connection) => connection.countFromIndex("vlobs", "outbound", 1));
  }

  chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#content("chunk_records", id);
  }

  async chunkInfos(): Promise<readonly ChunkInfo[]> {
    const records = await this.#database.read((connection) => connection.getAll("chunk_records"));
    return records.map(({ id, size, sent }) => ({ id, size, sent }));
  }

  block(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#content("block_records", id);
  }

  blockIds(): Promise<readonly BlockId[]> {
    return this.#database.read((connection) => connection.getAllKeysFromIndex("block_records", "by_time"));
  }

  #content(store: "chunk_records", id: ChunkId): Promise<Uint8Array | undefined>;
  #content(store: "block_records", id: BlockId): Promise<Uint8Array | undefined>;
  #content(store: "chunk_records" | "block_records", id: ChunkId | BlockId): Promise<Uint8Array | undefined> {
    return this.#database.read(async (connection) => {
      const transaction = connection.transaction([store, "content"]);
      const record = await transaction.objectStore(store).get(id);
      return record === undefined ? undefined : transaction.objectStore("content").get(record.content);
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

const contentWrites: ReadonlySet<string> = new Set(["put_chunk", "mark_chunk_sent", "delete_chunk"]);

/** Only those that are needed: a transaction waits for every other that writes to one of its stores. */
function storesOf(writes: readonly WorkspaceWrite[]): StoreNames<Schema>[] {
  const isContentOnly = writes.length > 0 && writes.every(({ kind }) => contentWrites.has(kind));
  return isContentOnly ? ["chunk_records", "content"] : dataStores;
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
    case "delete_vlob":
      await transaction.objectStore("vlobs").delete(write.id);
      return;
    case "set_remote_version": {
      const store = transaction.objectStore("vlobs");
      const record = await store.get(write.id);
      if (record === undefined) return;
      await store.put(vlobRecord({ ...vlobRow(record), remoteVersion: write.remoteVersion }));
      return;
    }
    default:
      await applyChunk(transaction, write);
  }
}

type ChunkWrite = Extract<WorkspaceWrite, { readonly kind: "put_chunk" | "mark_chunk_sent" | "delete_chunk" }>;

async function applyChunk(transaction: Transaction<Schema>, write: ChunkWrite): Promise<void> {
  const chunks = transaction.objectStore("chunk_records");
  const content = transaction.objectStore("content");
  if (write.kind === "put_chunk") {
    const { id, data } = write.chunk;
    const known = await chunks.get(id);
    const key = known?.content ?? newContentKey();
    await content.put(stored(data), key);
    await chunks.put({ id, content: key, size: data.length, sent: false });
    return;
  }
  const known = await chunks.get(write.id);
  if (known === undefined) return;
  if (write.kind === "mark_chunk_sent") {
    await chunks.put({ ...known, sent: true });
    return;
  }
  await chunks.delete(write.id);
  await content.delete(known.content);
}

async function applyBlock(transaction: Transaction<Schema>, write: BlockWrite): Promise<void> {
  const blocks = transaction.objectStore("block_records");
  switch (write.kind) {
    case "put_block": {
      const { id, data, accessedOn } = write.block;
      const key = newContentKey();
      await transaction.objectStore("content").put(stored(data), key);
      await putBlock(transaction, id, { content: key, accessed_on: accessedOn });
      return;
    }
    case "touch_block": {
      const known = await blocks.get(write.id);
      if (known !== undefined) await blocks.put({ ...known, accessed_on: write.accessedOn }, write.id);
      return;
    }
    case "delete_block":
      await deleteBlock(transaction, write.id);
      return;
    case "delete_all_blocks":
      for (const id of await blocks.getAllKeys()) await deleteBlock(transaction, id);
      return;
    case "evict_blocks": {
      const surplus = (await blocks.count()) - write.max;
      if (surplus <= 0) return;
      const oldest = await blocks.index("by_time").getAllKeys(undefined, surplus + write.slack);
      for (const id of oldest) await deleteBlock(transaction, id);
    }
  }
}

/** Any other content under that id goes. */
async function putBlock(transaction: Transaction<Schema>, id: BlockId, record: BlockRecord): Promise<void> {
  await deleteBlock(transaction, id);
  await transaction.objectStore("block_records").put(record, id);
}

async function deleteBlock(transaction: Transaction<Schema>, id: BlockId): Promise<void> {
  const blocks = transaction.objectStore("block_records");
  const known = await blocks.get(id);
  if (known === undefined) return;
  await blocks.delete(id);
  await transaction.objectStore("content").delete(known.content);
}

/** Content has a key of its own, since a chunk and a block may have the same id. */
function newContentKey(): ContentKey {
  return crypto.randomUUID();
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
