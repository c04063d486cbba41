import { sha256 } from "@parsec/crypto";
import {
  type ChunkId,
  defaultBlocksize,
  isBlock,
  type LocalFileManifest,
  newChunkView,
  promoteAsBlock,
} from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import type { Slot } from "../file/slot.ts";
import type { SourceReader } from "./byte-source.ts";
import type { ChunkHold } from "./chunk-pins.ts";
import { cutInPieces } from "./cut-in-pieces.ts";
import { holdIfCurrent } from "./hold-file.ts";

/** Content that is stored on this device, and belongs to no file yet. Release its hold in the end. */
export interface StagedContent {
  readonly size: number;
  readonly blocksize: number;
  /** Ready for upload: each is one whole block. */
  readonly slots: readonly Slot[];
  /** The chunks that were stored for it. */
  readonly stored: readonly ChunkId[];
  /** On all chunks of `slots`. */
  readonly hold: ChunkHold;
}

export interface StageOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many bytes are expected, when the source does not say. */
  readonly expected?: number | undefined;
  /** Told the number of bytes staged so far. May throw, to stop. */
  readonly onStaged: (done: number) => void;
}

/** Pieces that are stored in one transaction. */
const batchSize = 8;

/**
 * Cuts a source in blocks and stores them, a batch at a time: one is stored while the next is read, so that at most
 * 8 MiB are in memory. A block that `before` has at the same place is not stored again. On failure nothing stays.
 */
export async function stageContent(
  context: WorkspaceContext,
  source: SourceReader,
  before: LocalFileManifest | undefined,
  options: StageOptions,
): Promise<StagedContent> {
  // When it is just being changed its blocks are stored again.
  const held = before === undefined ? undefined : holdIfCurrent(context, before);
  const known =
    before !== undefined && held !== undefined && before.blocksize === defaultBlocksize ? before.blocks : [];
  const staging = new Staging(context, known, options);
  try {
    for await (const piece of cutInPieces(source, defaultBlocksize, options)) await staging.add(piece);
    return await staging.finish();
  } catch (error) {
    staging.discard();
    throw error;
  } finally {
    held?.release();
  }
}

class Staging {
  readonly #context: WorkspaceContext;
  readonly #known: readonly Slot[];
  readonly #options: StageOptions;
  readonly #slots: Slot[] = [];
  readonly #stored: ChunkId[] = [];
  readonly #hold: ChunkHold;
  #batch: Uint8Array[] = [];
  #storing: Promise<void> = Promise.resolve();
  #size = 0;

  /** `known`: what the file has, held by the caller. */
  constructor(context: WorkspaceContext, known: readonly Slot[], options: StageOptions) {
    this.#context = context;
    this.#known = known;
    this.#options = options;
    this.#hold = context.pins.holdNew();
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#batch.push(piece);
    if (this.#batch.length === batchSize) await this.#flush();
  }

  async finish(): Promise<StagedContent> {
    await this.#flush();
    await this.#storing;
    return {
      size: this.#size,
      blocksize: defaultBlocksize,
      slots: this.#slots,
      stored: this.#stored,
      hold: this.#hold,
    };
  }

  /** Does not wait for what is being stored: who aborts need not either. */
  discard(): void {
    const { pins } = this.#context;
    const discarding = this.#storing
      .catch(() => undefined)
      .then(() => {
        pins.letGo(this.#stored, "delete");
        this.#hold.release();
      });
    pins.track(discarding);
  }

  /** Waits for the batch before, then lets this one be stored while the caller reads on. */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#storing;
    this.#storing = this.#store(batch);
    // The failure is met at the next flush or at the end.
    this.#storing.catch(() => undefined);
  }

  async #store(pieces: readonly Uint8Array[]): Promise<void> {
    const { signal, onStaged } = this.#options;
    const digests = await Promise.all(pieces.map((piece) => sha256(piece, { signal })));
    const chunks: { id: ChunkId; data: Uint8Array }[] = [];
    pieces.forEach((data, index) => {
      const digest = digests[index];
      if (digest === undefined) return;
      const start = this.#size;
      this.#size += data.length;
      const known = this.#known[this.#slots.length]?.[0];
      if (
        known !== undefined &&
        isBlock(known) &&
        known.rawSize === data.length &&
        known.access.digest.equals(digest)
      ) {
        this.#hold.add([known.id]);
        this.#slots.push([known]);
        return;
      }
      const view = promoteAsBlock(newChunkView(start, start + data.length), digest);
      this.#hold.add([view.id]);
      this.#stored.push(view.id);
      this.#slots.push([view]);
      chunks.push({ id: view.id, data });
    });
    const { store, chunkWriter } = this.#context;
    await (chunks.length === batchSize ? store.setChunks(chunks) : chunkWriter.write(chunks));
    onStaged(this.#size);
  }
}
