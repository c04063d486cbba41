import {
  breathe,
  type JoinedSignals,
  joinSignals,
  type OperationOptions,
  onAbort,
  orAbort,
  requireNatural,
  throwIfAborted,
} from "@parsec/base";
import type { ChunkId, ChunkView, FsPath } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { copyPart, planRead } from "../file/read.ts";
import { resolve } from "../tree/resolve.ts";
import { chunkData } from "./chunk-data.ts";
import { type HeldFile, holdFile } from "./hold-file.ts";

export interface ReadOptions extends OperationOptions {
  /** First byte; 0 by default. */
  readonly offset?: number | undefined;
  /** How many bytes at most; up to the end of the file by default. */
  readonly size?: number | undefined;
}

/** Slots that are fetched ahead of the reader, so that the network is never idle. */
const slotsInFlight = 4;
/** No piece is larger, in bytes: another client may have chosen large slots, and holes in them cost it nothing. */
const largestPiece = 1024 * 1024;

/**
 * Begins to read a file as it is now, whatever is written meanwhile.
 * @throws InvalidArgumentError; WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FOLDER; what fetching its manifest throws
 */
export async function openForRead(
  context: WorkspaceContext,
  path: FsPath,
  options: ReadOptions = {},
): Promise<FileReading> {
  if (options.offset !== undefined) requireNatural("offset", options.offset);
  if (options.size !== undefined) requireNatural("size", options.size);
  const joined = joinSignals(options.signal, context.closed);
  try {
    const { manifest } = await resolve(context, context.manifests.with({ signal: joined.signal }), path);
    const held = await holdFile(context, manifest.base.id, { signal: joined.signal });
    if (held === undefined) throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: it has no content`);
    return new FileReading(context, path, held, joined, options);
  } catch (error) {
    joined.release();
    throw error;
  }
}

/**
 * The content of a file, or of a range of it, a slot (512 KiB) at a time, large ones (of other clients) in parts. Slots are fetched a few ahead of the reader
 * and no further. To be read to the end or closed: until then its content stays on this device.
 */
export class FileReading {
  /** How many bytes it gives. */
  readonly size: number;
  readonly #context: WorkspaceContext;
  readonly #path: FsPath;
  readonly #held: HeldFile;
  readonly #joined: JoinedSignals;
  readonly #onProgress: OperationOptions["onProgress"];
  readonly #ranges: Iterator<Range>;
  readonly #ahead: Promise<Uint8Array>[] = [];
  /** Chunks of which more pieces are made: only where slots are larger than pieces. */
  readonly #shared = new Map<ChunkId, Promise<Uint8Array>>();
  readonly #stopListening: () => void;
  #done = 0;

  constructor(context: WorkspaceContext, path: FsPath, held: HeldFile, joined: JoinedSignals, options: ReadOptions) {
    const { file } = held;
    const offset = Math.min(options.offset ?? 0, file.size);
    this.size = Math.min(options.size ?? file.size, file.size - offset);
    this.#context = context;
    this.#path = path;
    this.#held = held;
    this.#joined = joined;
    this.#onProgress = options.onProgress;
    this.#ranges = slotRanges(file.blocksize, offset, offset + this.size);
    this.#stopListening = onAbort(joined.signal, () => this.#release());
  }

  /**
   * The next bytes, `undefined` at the end.
   * @throws the reason of the signal, or of the workspace's end; what `chunkData` throws
   */
  async next(): Promise<Uint8Array | undefined> {
    try {
      await breathe();
      throwIfAborted(this.#joined.signal);
      this.#fetchAhead();
      const first = this.#ahead.shift();
      const piece = first === undefined ? undefined : await orAbort(first, this.#joined.signal);
      this.#done += piece?.length ?? 0;
      if (this.#done === this.size) this.#release();
      if (piece !== undefined) this.#onProgress?.({ done: this.#done, total: this.size });
      return piece;
    } catch (error) {
      this.close(error);
      throw error;
    }
  }

  /** Whether all bytes were given. */
  get isDone(): boolean {
    return this.#done === this.size;
  }

  /** Stops what is under way, and lets go of the content. Waits for nothing; idempotent. */
  close(reason: unknown = new DOMException("The reader has left", "AbortError")): void {
    this.#release();
    this.#joined.abort(reason);
  }

  #release(): void {
    this.#held.hold.release();
    this.#stopListening();
    this.#joined.release();
  }

  #fetchAhead(): void {
    while (this.#ahead.length < slotsInFlight) {
      const next = this.#ranges.next();
      if (next.done === true) return;
      const piece = this.#read(next.value);
      // The reader meets the failure when it comes to this piece; until then nobody has to.
      piece.catch(() => undefined);
      this.#ahead.push(piece);
    }
  }

  async #read({ start, stop }: Range): Promise<Uint8Array> {
    const { file } = this.#held;
    const { parts } = planRead(file, start, stop - start);
    const target = new Uint8Array(stop - start);
    for (const part of parts) copyPart(part, await this.#load(part.view), target, start);
    return target;
  }

  #load(view: ChunkView): Promise<Uint8Array> {
    const { file } = this.#held;
    const known = this.#shared.get(view.id);
    if (known !== undefined) return known;
    const { signal } = this.#joined;
    const loaded = chunkData(this.#context, view, { signal, entryId: file.base.id, path: this.#path });
    if (file.blocksize <= largestPiece) return loaded;
    this.#shared.set(view.id, loaded);
    const [oldest] = this.#shared.keys();
    if (oldest !== undefined && this.#shared.size > 2) this.#shared.delete(oldest);
    return loaded;
  }
}

interface Range {
  readonly start: number;
  readonly stop: number;
}

/** Cut where slots end, and where a piece would become too large. */
function* slotRanges(blocksize: number, start: number, stop: number): Generator<Range, void, undefined> {
  for (let at = start; at < stop; ) {
    const end = Math.min(stop, at + largestPiece, (Math.floor(at / blocksize) + 1) * blocksize);
    yield { start: at, stop: end };
    at = end;
  }
}
