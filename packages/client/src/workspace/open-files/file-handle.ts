import {
  orAbort,
  requireArgument,
  requireBytes,
  requireNatural,
  requireObject,
  requireSignal,
  throwIfAborted,
} from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { whereabouts } from "../tree/path-of.ts";
import { type EntryStat, statOf } from "../tree/stat.ts";
import type { OpenFile, Placed } from "./open-file.ts";

export interface HandleOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ResizeOptions extends HandleOptions {
  /** Leave a file alone that is shorter. Default false. */
  readonly onlyCut?: boolean | undefined;
}

export interface ReadableOptions extends HandleOptions {
  /** First byte; 0 by default. */
  readonly offset?: number | undefined;
  /** How many bytes at most; up to the end of the file by default. */
  readonly size?: number | undefined;
}

export interface WritableOptions extends HandleOptions {
  /** Where the first byte goes; 0 by default. `end`: each piece goes to the end of the file as it is then. */
  readonly at?: number | "end" | undefined;
}

/** What a handle may do. */
export interface HandleRights {
  readonly read: boolean;
  readonly write: boolean;
}

/** One read gives no more bytes. */
const maxRead = 1024 ** 3;
/** What one step of a stream reads, in bytes: a slot. */
const streamStep = 512 * 1024;

/**
 * An open file: read and written anywhere, many times. It is the entry that is open, not its path: a handle goes with it
 * when it is renamed or moved, and works on when it is removed. All handles of one entry see the same, at once.
 *
 * What is written is stored on this device with the next {@link flush}, by itself after each 512 KiB, and by
 * {@link close}. While it is open for writing it is not uploaded, and while it is open at all nobody's version of it
 * comes in.
 *
 * Everything rejects with HANDLE_CLOSED after {@link close}, and with WORKSPACE_CLOSED or SESSION_CLOSED after the end of
 * those, which store what was written.
 */
export class FileHandle {
  /** Of the entry. */
  readonly id: VlobId;
  readonly #context: WorkspaceContext;
  readonly #file: OpenFile;
  readonly #rights: HandleRights;
  #closed: Promise<void> | undefined;

  /** The handle counts as one of the users of `file`. */
  constructor(context: WorkspaceContext, file: OpenFile, rights: HandleRights) {
    this.id = file.id;
    this.#context = context;
    this.#file = file;
    this.#rights = rights;
  }

  /**
   * Bytes from `offset` on: `size` of them (at most 1 GiB), less at the end of the file. What nobody wrote reads as zeros.
   * Content that is not on this device comes from the server.
   * @throws WorkspaceError NOT_OPEN_FOR_READING, CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE; InvalidBlockError;
   * ConnectionError; ClientError
   */
  read(offset: number, size: number, options: HandleOptions = {}): Promise<Uint8Array> {
    return this.#run(options, "read", () => {
      requireNatural("offset", offset);
      requireNatural("size", size);
      const clipped = Math.min(size, Math.max(0, this.#file.size - offset));
      requireArgument("size", size, `at most ${maxRead} bytes`, clipped <= maxRead);
      return this.#file.read(offset, clipped, options);
    });
  }

  /**
   * Writes at `offset`, over what is there, and on from the end of the file; zeros between. Gives the number of bytes.
   * Nothing written changes nothing. What is rejected for want of space is in memory, and the next flush tries again.
   * @throws WorkspaceError NOT_OPEN_FOR_WRITING, FILE_TOO_LARGE; StorageError
   */
  write(offset: number, data: Uint8Array, options: HandleOptions = {}): Promise<number> {
    return this.#write(data, options, () => {
      requireNatural("offset", offset);
      return { offset, length: data.length };
    });
  }

  /** Writes from the end of the file on, wherever that is by then. As {@link write}. */
  writeAtEnd(data: Uint8Array, options: HandleOptions = {}): Promise<number> {
    return this.#write(data, options, (size) => ({ offset: size, length: data.length }));
  }

  /** As {@link write}, but what would lie beyond the end of the file is left out. Gives how many bytes were written. */
  writeWithin(offset: number, data: Uint8Array, options: HandleOptions = {}): Promise<number> {
    return this.#write(data, options, (size) => {
      requireNatural("offset", offset);
      return { offset, length: Math.min(data.length, Math.max(0, size - offset)) };
    });
  }

  /**
   * Makes the file `size` bytes long: cuts it, or adds zeros, which take no space.
   * @throws WorkspaceError NOT_OPEN_FOR_WRITING, FILE_TOO_LARGE
   */
  resize(size: number, options: ResizeOptions = {}): Promise<void> {
    return this.#run(options, "write", () => {
      requireNatural("size", size);
      return this.#file.resize(size, options);
    });
  }

  /**
   * Resolves when all that was written to this entry so far, through whichever handle, is stored on this device. No
   * network.
   * @throws WorkspaceError NOT_OPEN_FOR_WRITING; StorageError
   */
  flush(options: HandleOptions = {}): Promise<void> {
    return this.#run(options, "write", () => this.#file.flush(options));
  }

  /** What is known of the entry, with what is not stored yet. Of one that was removed, what it was. */
  stat(options: HandleOptions = {}): Promise<EntryStat> {
    return this.#run(options, undefined, async () => {
      const where = this.#file.isDetached ? undefined : await whereabouts(this.#context, this.id, options);
      return statOf(this.#file.manifest, where?.kind === "reachable" ? where.confinedBy : null);
    });
  }

  /** Where the entry is now; `undefined` when no folder leads to it, as after a removal. */
  path(options: HandleOptions = {}): Promise<string | undefined> {
    return this.#run(options, undefined, async () => {
      if (this.#file.isDetached) return undefined;
      const where = await whereabouts(this.#context, this.id, options);
      return where.kind === "reachable" ? where.path : undefined;
    });
  }

  /** The content as a stream, a step at a time as it is then. It ends at the end of the file; the handle stays open. */
  readable(options: ReadableOptions = {}): ReadableStream<Uint8Array> {
    requireHandleOptions(options);
    const { offset = 0, size = Number.MAX_SAFE_INTEGER } = options;
    requireNatural("options.offset", offset);
    requireNatural("options.size", size);
    this.#check("read");
    let at = offset;
    let left = size;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const toSlotEnd = streamStep - (at % streamStep);
          const bytes = left === 0 ? none : await this.read(at, Math.min(left, toSlotEnd), options);
          at += bytes.length;
          left -= bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          if (bytes.length === 0 || left === 0) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes what it is given; its end flushes, and leaves the handle open. What was written before an abort stays. */
  writable(options: WritableOptions = {}): WritableStream<Uint8Array> {
    requireHandleOptions(options);
    const { at = 0 } = options;
    if (at !== "end") requireNatural("options.at", at);
    this.#check("write");
    let next = at;
    return new WritableStream<Uint8Array>({
      write: async (data) => {
        if (next === "end") await this.writeAtEnd(data, options);
        else next += await this.write(next, data, options);
      },
      close: () => this.flush(options),
    });
  }

  /**
   * Stores what was written, and lets go of the file. When storing fails, that is told once the handle is closed; what
   * could not be stored stays only as long as somebody else has the file open. Idempotent.
   * @throws StorageError
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { openFiles, session, realmId, closed } = this.#context;
    // The end of the workspace has stored everything already.
    if (closed.aborted) return;
    try {
      if (!this.#file.isDetached) await this.#file.flush();
    } finally {
      const isLastWriter = openFiles.leave(this.#file, this.#rights);
      if (isLastWriter && this.#file.manifest.needSync) {
        session.events.send({ type: "outbound_sync_needed", realmId, entryId: this.id });
      }
    }
  }

  #write(data: Uint8Array, options: HandleOptions, place: (size: number) => Placed): Promise<number> {
    return this.#run(options, "write", () => {
      requireBytes("data", data);
      return this.#file.write(data, place, options);
    });
  }

  async #run<T>(options: HandleOptions, right: keyof HandleRights | undefined, task: () => Promise<T>): Promise<T> {
    requireHandleOptions(options);
    throwIfAborted(options.signal);
    this.#check(right);
    return orAbort(task(), this.#context.closed);
  }

  #check(right: keyof HandleRights | undefined): void {
    throwIfAborted(this.#context.closed);
    if (this.#closed !== undefined) throw new WorkspaceError("HANDLE_CLOSED", "This file handle is closed");
    if (right === undefined || this.#rights[right]) return;
    const [code, name] =
      right === "read"
        ? (["NOT_OPEN_FOR_READING", "reading"] as const)
        : (["NOT_OPEN_FOR_WRITING", "writing"] as const);
    throw new WorkspaceError(code, `The file was not opened for ${name}: open it with { ${right}: true }`, {
      entryId: this.id,
    });
  }
}

const none = new Uint8Array();

function requireHandleOptions(options: unknown): void {
  requireObject("options", options);
  requireSignal("options.signal", Reflect.get(options, "signal"));
}
