import { breathe } from "@parsec/base";
import { type BlockId, blockIdOfChunk, type ChunkId, type VlobId } from "@parsec/types";
import type {
  BlockWrite,
  ChunkInfo,
  DamagedVlob,
  Page,
  PageCursor,
  StoredPattern,
  VlobRow,
  WorkspaceDatabase,
  WorkspaceWrite,
} from "../../driver/port.ts";
import { StorageError } from "../../errors.ts";
import type { CacheFile } from "./cache-file.ts";
import { applyBlock, deleteChunk, getBlockIds, getChunkInfos, getContent, markChunkSent, putChunk } from "./chunks.ts";
import type { SqliteConnection } from "./connection.ts";
import type { SqliteFile } from "./file.ts";
import { StoredNeedSync, type VlobChange } from "./stored-need-sync.ts";
import { idBytes, numberOf, textOf } from "./values.ts";
import { readPage } from "./vlob-pages.ts";
import { deleteVlob, getCheckpoint, getVlob, putCheckpoint, putVlob, setRemoteVersion, vlobRow } from "./vlobs.ts";

/** Chunks whose content is in memory at the same time on their way to the cache: 2 MiB of default blocks. */
const chunksPerCopy = 4;

/** A workspace in its two files: the data that must not be lost, and the block cache that may. */
export class SqliteWorkspace implements WorkspaceDatabase {
  readonly #data: SqliteFile;
  readonly #cache: CacheFile;
  readonly #needSync: StoredNeedSync;

  constructor(data: SqliteFile, cache: CacheFile) {
    this.#data = data;
    this.#cache = cache;
    this.#needSync = new StoredNeedSync(data);
  }

  async apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    const changes = this.#data.write((connection) => writes.map((write) => applyWrite(connection, write)));
    this.#needSync.follow(changes.filter((change) => change !== undefined));
    if (writes.some(({ kind }) => kind === "delete_chunk")) await this.#data.giveBackSpace();
  }

  async applyToCache(writes: readonly BlockWrite[]): Promise<void> {
    if (writes.every(({ kind }) => kind === "delete_all_blocks") && writes.length > 0) this.#cache.makeAnew();
    else this.#cache.write((connection) => applyBlocks(connection, writes));
  }

  async moveChunksToBlocks(ids: readonly ChunkId[], accessedOn: number, after: readonly BlockWrite[]): Promise<void> {
    // The cache first: a crash in between leaves both copies, which harms nothing.
    for (let start = 0; start < ids.length; start += chunksPerCopy) {
      this.#copyToCache(ids.slice(start, start + chunksPerCopy), accessedOn, after);
      await breathe();
    }
    this.#data.write((connection) => {
      for (const id of ids) deleteChunk(connection, id);
    });
    await this.#data.giveBackSpace();
  }

  #copyToCache(ids: readonly ChunkId[], accessedOn: number, after: readonly BlockWrite[]): void {
    const puts = ids.flatMap((id): BlockWrite[] => {
      const data = this.#data.read((connection) => getContent(connection, id));
      return data === undefined ? [] : [{ kind: "put_block", block: { id: blockIdOfChunk(id), data, accessedOn } }];
    });
    this.#cache.write((connection) => applyBlocks(connection, [...puts, ...after]));
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

  async vlobs(after: PageCursor | undefined, limit: number): Promise<Page<VlobRow | DamagedVlob>> {
    return readPage(this.#data, { columns: "*", after, limit }, vlobRow);
  }

  async inboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return (await this.#needSync.loaded()).inbound(limit);
  }

  async outboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return (await this.#needSync.loaded()).outbound(limit);
  }

  async outboundCount(): Promise<number> {
    return (await this.#needSync.loaded()).outboundCount;
  }

  async chunk(id: ChunkId): Promise<Uint8Array | undefined> {
    return this.#data.read((connection) => getContent(connection, id));
  }

  async chunkInfos(): Promise<readonly ChunkInfo[]> {
    return this.#data.read(getChunkInfos);
  }

  async block(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#cache.read((connection) => getContent(connection, id), undefined);
  }

  async blockIds(): Promise<readonly BlockId[]> {
    return this.#cache.read(getBlockIds, []);
  }

  async close(): Promise<void> {
    try {
      await this.#data.finish();
    } finally {
      this.#cache.close();
    }
  }
}

function applyBlocks(connection: SqliteConnection, writes: readonly BlockWrite[]): void {
  for (const write of writes) applyBlock(connection, write);
}

const upsertPattern = `INSERT INTO prevent_sync_pattern (_id, pattern, fully_applied) VALUES (0, ?, ?)
  ON CONFLICT DO UPDATE SET pattern = excluded.pattern, fully_applied = excluded.fully_applied`;

/** Gives what it changes of a manifest's state. */
function applyWrite(connection: SqliteConnection, write: WorkspaceWrite): VlobChange | undefined {
  switch (write.kind) {
    case "put_vlob":
      putVlob(connection, write.row);
      return write.row;
    case "delete_vlob":
      deleteVlob(connection, write.id);
      return { deleted: write.id };
    case "set_remote_version":
      return setRemoteVersion(connection, write.id, write.remoteVersion);
    default:
      applyOther(connection, write);
      return undefined;
  }
}

type OtherWrite = Exclude<WorkspaceWrite, { readonly kind: "put_vlob" | "delete_vlob" | "set_remote_version" }>;

function applyOther(connection: SqliteConnection, write: OtherWrite): void {
  switch (write.kind) {
    case "put_checkpoint":
      return putCheckpoint(connection, write.checkpoint);
    case "put_pattern":
      return connection.run(upsertPattern, write.pattern.pattern, Number(write.pattern.fullyApplied));
    case "put_chunk":
      return putChunk(connection, write.chunk);
    case "mark_chunk_sent":
      return markChunkSent(connection, write.id);
    case "delete_chunk":
      return deleteChunk(connection, write.id);
  }
}
