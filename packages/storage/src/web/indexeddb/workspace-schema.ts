import type { BlockId, ChunkId, VlobId } from "@parsec/types";
import type { DBSchema } from "idb";
import type { StoredPattern } from "../../driver/port.ts";
import type { Migrations } from "./database.ts";

/** The flags are numbers: booleans cannot be index keys. They follow the versions in every write. */
export interface VlobRecord {
  readonly id: VlobId;
  readonly base_version: number;
  readonly remote_version: number;
  readonly inbound_need_sync: 0 | 1;
  readonly outbound_need_sync: 0 | 1;
  readonly blob: Uint8Array;
}

/** Where encrypted bytes are. They are written once, and never moved. */
export type ContentKey = string;

interface ChunkRecord {
  readonly id: ChunkId;
  readonly content: ContentKey;
  readonly size: number;
  readonly sent: boolean;
}

export interface BlockRecord {
  readonly content: ContentKey;
  readonly accessed_on: number;
}

export interface Schema extends FirstSchema {
  checkpoint: { key: number; value: number };
  prevent_sync_pattern: { key: number; value: StoredPattern };
  vlobs: { key: VlobId; value: VlobRecord; indexes: { inbound: number; outbound: number } };
  content: { key: ContentKey; value: Uint8Array };
  chunk_records: { key: ChunkId; value: ChunkRecord };
  block_records: { key: BlockId; value: BlockRecord; indexes: { by_time: number } };
}

/** What only version 1 had: the bytes beside what is known of them. */
interface FirstSchema extends DBSchema {
  chunks: { key: ChunkId; value: Uint8Array };
  chunk_sizes: { key: ChunkId; value: number };
  blocks: { key: BlockId; value: Uint8Array };
  block_access: { key: BlockId; value: { readonly accessed_on: number }; indexes: { by_time: number } };
}

/** The key of the stores that hold one value. */
export const only = 1;

export const migrations: Migrations<Schema> = [
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
  /** Bytes in a store of their own, so that a chunk becomes a block without being copied. The cache starts anew. */
  async (database, transaction) => {
    const content = database.createObjectStore("content");
    const records = database.createObjectStore("chunk_records", { keyPath: "id" });
    database.createObjectStore("block_records").createIndex("by_time", "accessed_on");
    const chunks = transaction.objectStore("chunks");
    for (let cursor = await chunks.openCursor(); cursor !== null; cursor = await cursor.continue()) {
      const key = crypto.randomUUID();
      await content.put(cursor.value, key);
      await records.put({ id: cursor.key, content: key, size: cursor.value.length, sent: false });
    }
    for (const name of ["chunks", "chunk_sizes", "blocks", "block_access"] as const) database.deleteObjectStore(name);
  },
];
