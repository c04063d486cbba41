import { Mutex, orAbort, throwIfAborted } from "@parsec/base";
import { type ChunkId, type ChunkView, DateTime, type LocalFileManifest, type VlobId } from "@parsec/types";
import { chunkData } from "../content/chunk-data.ts";
import type { ChunkHold } from "../content/chunk-pins.ts";
import { maxBlocksPerFile } from "../content/limits.ts";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { chunksGone, usedSlots } from "../file/lay-over.ts";
import { copyPart, planRead } from "../file/read.ts";
import { chunksOf } from "../file/slot.ts";
import type { BlockMemory } from "./block-memory.ts";
import { Overlay } from "./overlay.ts";
import { type FlushPlan, layOverlay, planFlush } from "./plan-flush.ts";

interface Signals {
  readonly signal?: AbortSignal | undefined;
}

/** What was written is stored when it is so much, in bytes, or in so many pieces. */
const enoughBytes = 512 * 1024;
const enoughPieces = 256;
/** Chunks that one read loads at the same time. */
const loadedAtOnce = 4;
/** Slots of the largest file: with the default size of slots, 64 GiB. Most of them are in a hole. */
const maxSlotsOfFile = 2 ** 17;
/** Blocks that are kept for the anchors of holes. */
const anchors = maxSlotsOfFile / 1024;
/** Attempts to prepare a flush outside the lock, before it is stored as it is. */
const maxPreparations = 3;

/**
 * A file that somebody has open: what is stored of it, and on that what was written and is not stored yet. All handles
 * of one entry share it.
 *
 * It owns no manifest. What others store of the entry meanwhile (a move, a version of another device, a `writeFile`) is
 * beneath what was written from then on. Only what is removed is this object's own, until the last handle is closed.
 */
export class OpenFile {
  readonly id: VlobId;
  /** Handles, and those among them that may write. */
  users = 0;
  writers = 0;
  readonly #context: WorkspaceContext;
  readonly #memory: BlockMemory;
  readonly #overlay = new Overlay();
  readonly #mutex = new Mutex();
  #stored: LocalFileManifest;
  /** On the content of `#stored`. */
  #hold: ChunkHold;
  /** Content that no manifest names; there once the entry was removed. */
  #own: Set<ChunkId> | undefined;

  /** `hold` is on the content of `stored`, and becomes this file's. */
  constructor(context: WorkspaceContext, memory: BlockMemory, stored: LocalFileManifest, hold: ChunkHold) {
    this.#context = context;
    this.#memory = memory;
    this.#stored = stored;
    this.#hold = hold;
    this.id = stored.base.id;
  }

  /** As it is now, with what is not stored yet. */
  get manifest(): LocalFileManifest {
    const stored = this.#stored;
    const { updated } = this.#overlay;
    if (updated === undefined) return stored;
    return { ...stored, size: this.size, updated, needSync: true };
  }

  get size(): number {
    return this.#overlay.sizeOn(this.#stored.size);
  }

  /** Whether something was written that is not stored yet. */
  get isChanged(): boolean {
    return !this.#overlay.isEmpty;
  }

  /** Whether the entry was removed: what is written then is nobody else's, and goes at the end. */
  get isDetached(): boolean {
    return this.#own !== undefined;
  }

  // --- What others do to the entry

  /** The entry was stored anew. To be called at once, before anybody can delete content of it. */
  changed(stored: LocalFileManifest): void {
    if (this.isDetached) return;
    this.#follow(stored);
  }

  /** The entry was removed. */
  removed(): void {
    this.#own ??= new Set();
  }

  /** Nobody has it open any more. What is not stored is lost. */
  release(): void {
    this.#context.pins.letGo(this.#own ?? [], "delete");
    this.#hold.release();
  }

  // --- What handles do

  /** Bytes from `offset` on: `size` of them, less at the end of the file. What nobody wrote is zeros. */
  async read(offset: number, size: number, options: Signals = {}): Promise<Uint8Array> {
    const { target, rest } = await this.#mutex.run(() => this.#beginRead(offset, size, options), options);
    await rest;
    return target;
  }

  /** Decides what is read, so that it is one state of the file; the content is loaded while others go on. */
  #beginRead(offset: number, size: number, options: Signals): { target: Uint8Array; rest: Promise<void> } {
    const end = Math.min(offset + size, this.size);
    const start = Math.min(offset, end);
    const stored = this.#stored;
    const { cut } = this.#overlay;
    const plan = planRead(stored, start, Math.max(0, Math.min(end, cut) - start));
    const parts = plan.parts.filter((part) => !this.#overlay.covers(part.start, part.stop));
    const written = this.#overlay.within(start, end);
    const target = new Uint8Array(end - start);
    const hold = this.#context.pins.holdNew();
    hold.add(parts.map(({ view }) => view.id));
    const load = async () => {
      let next = 0;
      const work = async () => {
        for (let part = parts[next++]; part !== undefined; part = parts[next++]) {
          copyPart(part, await this.#load(part.view, stored, options), target, start);
        }
      };
      try {
        await Promise.all(Array.from({ length: Math.min(loadedAtOnce, parts.length) }, work));
      } finally {
        hold.release();
      }
      for (const { start: at, data } of written) target.set(data, at - start);
    };
    const rest = load();
    // Whoever reads meets it.
    rest.catch(() => undefined);
    return { target, rest };
  }

  #load(view: ChunkView, { base }: LocalFileManifest, { signal }: Signals): Promise<Uint8Array> {
    const { closed } = this.#context;
    // Others may wait for the same block: it is loaded to its end, unless the workspace is closed.
    const load = () => chunkData(this.#context, view, { signal: closed, entryId: base.id });
    return orAbort(this.#memory.get(view.id, load), signal);
  }

  /** Writes where `place` says, given the size of the file; gives how many bytes that were. */
  write(data: Uint8Array, place: (size: number) => Placed, options: Signals = {}): Promise<number> {
    return this.#mutex.run(async () => {
      const { offset, length } = place(this.size);
      const bytes = data.subarray(0, length);
      this.#checkRoom(offset, bytes.length);
      for (let done = 0; done < bytes.length; ) {
        throwIfAborted(options.signal);
        // When what was written cannot be stored, no more of it is taken into memory.
        await this.#flushIfMuch();
        const step = bytes.subarray(done, done + Math.min(enoughBytes, this.#restOfSlot(offset + done)));
        this.#overlay.write(offset + done, step, this.#now());
        done += step.length;
      }
      await this.#flushIfMuch();
      return bytes.length;
    }, options);
  }

  /** Makes it that long; with `onlyCut`, unless it is shorter. */
  resize(
    length: number,
    { onlyCut, signal }: Signals & { readonly onlyCut?: boolean | undefined } = {},
  ): Promise<void> {
    return this.#mutex.run(
      () => {
        const { size } = this;
        if (length === size || (onlyCut === true && size < length)) return;
        if (length > size) this.#checkSize(length);
        this.#overlay.resize(length, size, this.#now());
      },
      { signal },
    );
  }

  /** Stores what was written. When it fails, everything is as before, and the next flush tries again. */
  flush(options: Signals = {}): Promise<void> {
    return this.#mutex.run(() => this.#flush(), options);
  }

  /** Slots that are written whole are stored as what they will be on the server. */
  #restOfSlot(offset: number): number {
    const { blocksize } = this.#stored;
    return blocksize - (offset % blocksize);
  }

  async #flushIfMuch(): Promise<void> {
    if (this.#overlay.bytes >= enoughBytes || this.#overlay.pieces >= enoughPieces) await this.#flush();
  }

  async #flush(): Promise<void> {
    for (let attempt = 0; this.isChanged; attempt += 1) {
      const stored = this.#stored;
      const plan = attempt < maxPreparations ? await planFlush(this.#context, stored, this.#overlay) : undefined;
      const isStored = this.isDetached
        ? await this.#storeAlone(stored, plan ?? layOverlay(stored, this.#overlay))
        : await this.#store(stored, plan);
      if (isStored) this.#overlay.clear();
    }
  }

  /** False when the entry is not what the plan was made for. */
  #store(stored: LocalFileManifest, plan: FlushPlan | undefined): Promise<boolean> {
    return this.#context.tree.change(async (draft) => {
      const current = await draft.getLocal(this.id);
      if (this.isDetached || current?.type !== "local_file_manifest") return false;
      if (plan !== undefined && current !== stored) return false;
      const { manifest, chunks } = plan ?? layOverlay(current, this.#overlay);
      draft.put(manifest);
      for (const [id, data] of chunks) draft.addChunk({ id, data });
      draft.removeChunks(chunksGone(current, manifest));
      return true;
    });
  }

  /** For an entry that was removed: the content is stored for those who have it open, and no manifest. */
  async #storeAlone(stored: LocalFileManifest, { manifest, chunks }: FlushPlan): Promise<boolean> {
    const own = this.#own ?? new Set();
    const { pins, store } = this.#context;
    const hold = pins.holdNew();
    hold.add(chunks.keys());
    try {
      await store.setChunks(Array.from(chunks, ([id, data]) => ({ id, data })));
    } catch (error) {
      pins.letGo(chunks.keys(), "delete");
      hold.release();
      throw error;
    }
    for (const id of chunks.keys()) own.add(id);
    this.#follow(manifest);
    hold.release();
    const gone = chunksGone(stored, manifest).filter((id) => own.delete(id));
    pins.letGo(gone, "delete");
    return true;
  }

  #follow(stored: LocalFileManifest): void {
    const before = this.#hold;
    this.#hold = this.#context.pins.holdNew();
    this.#hold.add(chunksOf(stored));
    this.#stored = stored;
    before.release();
  }

  #now(): DateTime {
    return DateTime.fromMicros(this.#context.session.clock.now());
  }

  // --- Limits

  #checkSize(length: number): void {
    const most = maxSlotsOfFile * this.#stored.blocksize;
    if (length > most && length > this.#stored.size) throw tooLarge(this.id, most);
  }

  /** So that the manifest fits in one request, however the file is written. */
  #checkRoom(offset: number, length: number): void {
    const end = offset + length;
    if (length === 0) return;
    this.#checkSize(end);
    const { blocksize, blocks } = this.#stored;
    if (end <= maxBlocksPerFile * blocksize) return;
    const slotsOf = (bytes: number) => Math.ceil(bytes / blocksize) + 1;
    const unstored = this.#overlay.extents().reduce((sum, { data }) => sum + slotsOf(data.length), 0);
    const most = maxBlocksPerFile - anchors;
    if (usedSlots(blocks) + unstored + slotsOf(length) > most) throw tooLarge(this.id, most * blocksize);
  }
}

/** Where something is written, and how much of it. */
export interface Placed {
  readonly offset: number;
  readonly length: number;
}

function tooLarge(entryId: VlobId, most: number): WorkspaceError {
  return new WorkspaceError(
    "FILE_TOO_LARGE",
    `The file would be too large: it has at most ${most} bytes of content, so that its manifest fits in one request`,
    { entryId },
  );
}
