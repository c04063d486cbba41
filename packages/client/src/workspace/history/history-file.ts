import { joinSignals, orAbort, requireArgument, requireNatural, throwIfAborted } from "@parsec/base";
import { chunkIdOfBlock, type FileManifest, type VlobId } from "@parsec/types";
import { requireOptions } from "../../arguments.ts";
import { WorkspaceError } from "../errors.ts";
import type { BlockMemory } from "../open-files/block-memory.ts";
import { type HistoryStat, historyStat } from "./history-tree.ts";
import type { HistorySource, SourceOptions } from "./source.ts";

/** One read gives no more bytes. */
const maxRead = 1024 ** 3;
const blocksAtOnce = 4;

/** A version of a file, open for reading. It stays that version, whatever moment the history is set to. */
export class HistoryFile {
  readonly id: VlobId;
  readonly #source: HistorySource;
  readonly #memory: BlockMemory;
  readonly #manifest: FileManifest;
  #isClosed = false;

  constructor(source: HistorySource, memory: BlockMemory, manifest: FileManifest) {
    this.id = manifest.id;
    this.#source = source;
    this.#memory = memory;
    this.#manifest = manifest;
  }

  async stat(): Promise<HistoryStat> {
    this.#check();
    return historyStat(this.#manifest);
  }

  /**
   * Bytes from `offset` on: `size` of them (at most 1 GiB), less at the end of the file. What nobody wrote is zeros.
   * @throws WorkspaceError HANDLE_CLOSED, CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE; InvalidBlockError; ConnectionError;
   * ClientError
   */
  async read(offset: number, size: number, options: SourceOptions = {}): Promise<Uint8Array> {
    requireNatural("offset", offset);
    requireNatural("size", size);
    requireOptions(options);
    throwIfAborted(options.signal);
    this.#check();
    const { blocks, size: fileSize } = this.#manifest;
    const start = Math.min(offset, fileSize);
    const end = start + Math.min(size, fileSize - start);
    requireArgument("size", size, `at most ${maxRead} bytes`, end - start <= maxRead);
    const target = new Uint8Array(end - start);
    const needed = blocks.filter((block) => block.offset < end && block.offset + block.size > start);
    let next = 0;
    const work = async () => {
      for (let block = needed[next++]; block !== undefined; block = needed[next++]) {
        const data = await this.#block(block, options);
        const from = Math.max(start, block.offset);
        const to = Math.min(end, block.offset + block.size);
        target.set(data.subarray(from - block.offset, to - block.offset), from - start);
      }
    };
    await Promise.all(Array.from({ length: Math.min(blocksAtOnce, needed.length) }, work));
    return target;
  }

  #block(access: FileManifest["blocks"][number], { signal }: SourceOptions): Promise<Uint8Array> {
    const { closed } = this.#source;
    const load = () => this.#source.block(access, { signal: closed });
    const joined = joinSignals(signal, closed);
    return orAbort(this.#memory.get(chunkIdOfBlock(access.id), load), joined.signal).finally(joined.release);
  }

  /** The content as a stream. Progress is that of its reader. */
  readable(options: SourceOptions = {}): ReadableStream<Uint8Array> {
    requireOptions(options);
    this.#check();
    const step = 512 * 1024;
    let at = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const bytes = await this.read(at, step, options);
          at += bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          if (at === this.#manifest.size) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    throwIfAborted(this.#source.closed);
    if (this.#isClosed) throw new WorkspaceError("HANDLE_CLOSED", "This file handle is closed");
  }
}
