import { type OperationOptions, throwIfAborted } from "@parsec/base";
import type { FsPath, LocalFileManifest } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { copyPart, planRead } from "../file/read.ts";
import { isFile } from "../manifests.ts";
import { resolve } from "../tree/resolve.ts";
import { chunkData } from "./chunk-data.ts";

export interface ReadOptions extends OperationOptions {
  /** First byte; 0 by default. */
  readonly offset?: number | undefined;
  /** How many bytes at most; up to the end of the file by default. */
  readonly size?: number | undefined;
}

/** Slots that are fetched ahead of the reader, so that the network is never idle. */
const slotsInFlight = 4;

/**
 * The content of a file, a slot (512 KiB) at a time, as it was when the read began. Slots are fetched a few ahead of
 * the reader and no further.
 * @throws WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FOLDER, and while reading what `chunkData` throws
 */
export async function openForRead(
  context: WorkspaceContext,
  path: FsPath,
  options: ReadOptions = {},
): Promise<{ readonly size: number; readonly pieces: AsyncGenerator<Uint8Array, void, undefined> }> {
  const { manifest } = await resolve(context, context.manifests.with(options), path);
  if (!isFile(manifest)) throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: it has no content`);
  const offset = Math.min(options.offset ?? 0, manifest.size);
  const size = Math.min(options.size ?? manifest.size, manifest.size - offset);
  return { size, pieces: readPieces(context, manifest, offset, size, options) };
}

async function* readPieces(
  context: WorkspaceContext,
  manifest: LocalFileManifest,
  offset: number,
  size: number,
  options: ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ranges = slotRanges(manifest.blocksize, offset, offset + size);
  const ahead: Promise<Uint8Array>[] = [];
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let done = 0;
  try {
    for (;;) {
      while (ahead.length < slotsInFlight) {
        const next = ranges.next();
        if (next.done === true) break;
        const piece = readRange(context, manifest, next.value, signal);
        // The reader meets the failure when it comes to this piece; until then nobody has to.
        piece.catch(() => undefined);
        ahead.push(piece);
      }
      const first = ahead.shift();
      if (first === undefined) return;
      const piece = await first;
      throwIfAborted(options.signal);
      done += piece.length;
      options.onProgress?.({ done, total: size });
      yield piece;
    }
  } finally {
    stop.abort(new DOMException("The reader has left", "AbortError"));
  }
}

interface Range {
  readonly start: number;
  readonly stop: number;
}

function* slotRanges(blocksize: number, start: number, stop: number): Generator<Range, void, undefined> {
  for (let at = start; at < stop; ) {
    const end = Math.min(stop, (Math.floor(at / blocksize) + 1) * blocksize);
    yield { start: at, stop: end };
    at = end;
  }
}

async function readRange(
  context: WorkspaceContext,
  manifest: LocalFileManifest,
  { start, stop }: Range,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { parts } = planRead(manifest, start, stop - start);
  const target = new Uint8Array(stop - start);
  for (const part of parts) copyPart(part, await chunkData(context, part.view, { signal }), target, start);
  return target;
}
