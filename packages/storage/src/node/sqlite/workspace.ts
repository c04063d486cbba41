import { type BlockId, blockIdOfChunk, type ChunkId, VlobId } from "@parsec/types";
import type {
  BlockWrite,
  OutboundBacklog,
  StoredPattern,
  VlobRow,
  WorkspaceDatabase,
  WorkspaceWrite,
} from "../../driver/port.ts";
import { StorageError } from "../../errors.ts";
import { applyBlock, deleteChunk, getBlockIds, getChunkIds, getContent, putChunk } from "./chunks.ts";
import type { SqliteConnection } from "./connection.ts";
import type { SqliteFile } from "./file.ts";
import { idBytes, idOf, numberOf, textOf } from "./values.ts";
import { getCheckpoint, getVlob, putCheckpoint, putVlob, setRemoteVersion, vlobRow } from "./vlobs.ts";

/** A workspace in its two files: the data that must not be lost, and the block cache that may. */
export class SqliteWorkspace implements WorkspaceDatabase {
  readonly #data: SqliteFile;
  readonly #cache: SqliteFile;

  constructor(data: SqliteFile, cache: SqliteFile) {
    this.#data = data;
    this.#cache = cache;
  }

  async apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    this.#data.write((connection) => {
      for (const write of writes) applyWrite(connection, write);
    });
  }

  async applyToCache(writes: readonly BlockWrite[]): Promise<void> {
    this.#cache.write((connection) => {
      for (const write of writes) applyBlock(connection, write);
    });
  }

  async moveChunkToBlock(id: ChunkId, accessedOn: number, after: readonly BlockWrite[]): Promise<boolean> {
    const data = await this.chunk(id);
    if (data === undefined) return false;
    // The cache first: a crash in between leaves both copies, which harms nothing.
    const block = { id: blockIdOfChunk(id), data, accessedOn };
    await this.applyToCache([{ kind: "put_block", block }, ...after]);
    await this.apply([{ kind: "delete_chunk", id }]);
    return true;
  }

  async checkpoint(): Promise<number> {
    return this.#data.read(getCheckpoint);
  }

  async pattern(): Promise<StoredPattern> {
    const row = this.#data.read((connection) => connection.get("SELECT * FROM prevent_sync_pattern WHERE _id = 0"));
    if (row === undefined) throw new StorageError("STORAGE_CORRUPTED", "The local database has lost its pattern row");
    return { pattern: textOf(row, "pattern"), fullyApplied: numberOf(row, "fully_applied") !== 0 };
  }

  async vlob(id: VlobId): Promise<VlobRow | undefined> {
    return this.#data.read((connection) => getVlob(connection, id));
  }

  async remoteVersion(id: VlobId): Promise<number | undefined> {
    const sql = "SELECT remote_version FROM vlobs WHERE vlob_id = ?";
    const row = this.#data.read((connection) => connection.get(sql, idBytes(id)));
    return row === undefined ? undefined : numberOf(row, "remote_version");
  }

  async vlobs(offset: number, limit: number): Promise<readonly VlobRow[]> {
    const sql = "SELECT * FROM vlobs ORDER BY rowid LIMIT ? OFFSET ?";
    return this.#data.read((connection) => connection.all(sql, limit, offset)).map(vlobRow);
  }

  async inboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#vlobIds("base_version <> remote_version", limit);
  }

  async outboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#vlobIds("need_sync = 1", limit);
  }

  #vlobIds(where: string, limit: number): VlobId[] {
    const sql = `SELECT vlob_id FROM vlobs WHERE ${where} ORDER BY rowid LIMIT ?`;
    const rows = this.#data.read((connection) => connection.all(sql, limit));
    return rows.map((row) => idOf(row, "vlob_id", VlobId));
  }

  async outboundBacklog(): Promise<OutboundBacklog> {
    const sql = `SELECT (SELECT COUNT(*) FROM vlobs WHERE need_sync = 1) AS entries,
      (SELECT COALESCE(SUM(size), 0) FROM chunks) AS bytes`;
    const row = this.#data.read((connection) => connection.get(sql)) ?? {};
    return { entries: numberOf(row, "entries"), bytes: numberOf(row, "bytes") };
  }

  async chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#data.read((connection) => getContent(connection, id));
  }

  async chunkIds(): Promise<readonly ChunkId[]> {
    return this.#data.read(getChunkIds);
  }

  async block(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#cache.read((connection) => getContent(connection, id));
  }

  async blockIds(): Promise<readonly BlockId[]> {
    return this.#cache.read(getBlockIds);
  }

  async close(): Promise<void> {
    this.#data.close();
    this.#cache.close();
  }
}

const upsertPattern = `INSERT INTO prevent_sync_pattern (_id, pattern, fully_applied) VALUES (0, ?, ?)
  ON CONFLICT DO UPDATE SET pattern = excluded.pattern, fully_applied = excluded.fully_applied`;

function applyWrite(connection: SqliteConnection, write: WorkspaceWrite): void {
  switch (write.kind) {
    case "put_checkpoint":
      return putCheckpoint(connection, write.checkpoint);
    case "put_pattern":
      return connection.run(upsertPattern, write.pattern.pattern, Number(write.pattern.fullyApplied));
    case "put_vlob":
      return putVlob(connection, write.row);
    case "set_remote_version":
      return setRemoteVersion(connection, write.id, write.remoteVersion);
    case "put_chunk":
      return putChunk(connection, write.chunk);
    case "delete_chunk":
      return deleteChunk(connection, write.id);
  }
}
