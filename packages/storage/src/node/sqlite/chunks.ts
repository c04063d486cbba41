import { BlockId, ChunkId } from "@parsec/types";
import type { BlockWrite, ChunkInfo, ChunkRow } from "../../driver/port.ts";
import type { SqliteConnection } from "./connection.ts";
import { bytesOf, idBytes, idOf, numberOf } from "./values.ts";

// The `chunks` table: chunks in the data file (no access time), blocks in the cache file. The column `offline`, without
// use in the reference, is 1 for a chunk whose block the server has: setting it does not rewrite the content.

const upsertContent = `INSERT INTO chunks (chunk_id, size, offline, accessed_on, data) VALUES (?, ?, 0, ?, ?)
  ON CONFLICT DO UPDATE SET size = excluded.size, offline = excluded.offline, accessed_on = excluded.accessed_on,
    data = excluded.data`;

export function putChunk(connection: SqliteConnection, { id, data }: ChunkRow): void {
  connection.run(upsertContent, idBytes(id), data.length, null, data);
}

export function markChunkSent(connection: SqliteConnection, id: ChunkId): void {
  connection.run("UPDATE chunks SET offline = 1 WHERE chunk_id = ?", idBytes(id));
}

export function deleteChunk(connection: SqliteConnection, id: ChunkId): void {
  connection.run("DELETE FROM chunks WHERE chunk_id = ?", idBytes(id));
}

/** The data of a chunk or block. */
export function getContent(connection: SqliteConnection, id: ChunkId | BlockId): Uint8Array | undefined {
  const row = connection.get("SELECT data FROM chunks WHERE chunk_id = ?", idBytes(id));
  return row === undefined ? undefined : bytesOf(row, "data");
}

export function getChunkInfos(connection: SqliteConnection): ChunkInfo[] {
  const rows = connection.all("SELECT chunk_id, size, offline FROM chunks WHERE length(chunk_id) = 16");
  return rows.map((row) => ({
    id: idOf(row, "chunk_id", ChunkId),
    size: numberOf(row, "size"),
    sent: numberOf(row, "offline") !== 0,
  }));
}

export function getBlockIds(connection: SqliteConnection): BlockId[] {
  const rows = connection.all("SELECT chunk_id FROM chunks WHERE length(chunk_id) = 16 ORDER BY accessed_on");
  return rows.map((row) => idOf(row, "chunk_id", BlockId));
}

const evictOldest = `DELETE FROM chunks WHERE chunk_id IN (
  SELECT chunk_id FROM chunks ORDER BY accessed_on
  LIMIT (SELECT IIF(COUNT(*) > ?, COUNT(*) - ? + ?, 0) FROM chunks))`;

export function applyBlock(connection: SqliteConnection, write: BlockWrite): void {
  switch (write.kind) {
    case "put_block": {
      const { id, data, accessedOn } = write.block;
      return connection.run(upsertContent, idBytes(id), data.length, accessedOn, data);
    }
    case "touch_block":
      return connection.run(
        "UPDATE chunks SET accessed_on = ? WHERE chunk_id = ?",
        write.accessedOn,
        idBytes(write.id),
      );
    case "delete_block":
      return connection.run("DELETE FROM chunks WHERE chunk_id = ?", idBytes(write.id));
    case "delete_all_blocks":
      return connection.run("DELETE FROM chunks");
    case "evict_blocks":
      return connection.run(evictOldest, write.max, write.max, write.slack);
  }
}
