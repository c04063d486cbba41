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
import { type ByteSource, cutInPieces } from "./byte-source.ts";

/** Content that is stored on this device, and belongs to no file yet. */
export interface StagedContent {
  readonly size: number;
  readonly blocksize: number;
  /** Ready for upload: each is one whole block. */
  readonly slots: readonly Slot[];
  /** The chunks that were stored for it. */
  readonly stored: readonly ChunkId[];
}

export interface StageOptions {
  readonly signal?: AbortSignal | undefined;
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
  source: ByteSource,
  before: LocalFileManifest | undefined,
  options: StageOptions,
): Promise<StagedContent> {
  const staging = new Staging(context, before?.blocksize === defaultBlocksize ? before.blocks : [], options);
  try {
    for await (const piece of cutInPieces(source, defaultBlocksize, options)) await staging.add(piece);
    return await staging.finish();
  } catch (error) {
    await staging.discard();
    throw error;
  }
}

class Staging {
  readonly #context: WorkspaceContext;
  readonly #known: readonly Slot[];
  readonly #options: StageOptions;
  readonly #slots: Slot[] = [];
  readonly #stored: ChunkId[] = [];
  #batch: Uint8Array[] = [];
  #storing: Promise<void> = Promise.resolve();
  #size = 0;

  constructor(context: WorkspaceContext, known: readonly Slot[], options: StageOptions) {
    this.#context = context;
    this.#known = known;
    this.#options = options;
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#batch.push(piece);
    if (this.#batch.length === batchSize) await this.#flush();
  }

  async finish(): Promise<StagedContent> {
    await this.#flush();
    await this.#storing;
    return { size: this.#size, blocksize: defaultBlocksize, slots: this.#slots, stored: this.#stored };
  }

  async discard(): Promise<void> {
    await this.#storing.catch(() => undefined);
    await this.#context.store.removeChunks(this.#stored);
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
        this.#slots.push([known]);
        return;
      }
      const view = promoteAsBlock(newChunkView(start, start + data.length), digest);
      this.#slots.push([view]);
      chunks.push({ id: view.id, data });
    });
    this.#stored.push(...chunks.map(({ id }) => id));
    await this.#context.store.setChunks(chunks);
    onStaged(this.#size);
  }
}
