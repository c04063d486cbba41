import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { cp, mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { localTree } from "@parsec/cli";

/** Bytes of the generated file. */
const largeFileSize = 64 * 1024 * 1024;

/** A file as it was before the tour. */
export interface Original {
  /** Its path in the workspace. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The default content: the documents of this repository, and one generated file. Gives the folder that holds both. */
export async function prepareDefaultContent(docs: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await cp(docs, join(folder, basename(docs)), { recursive: true });
  await pipeline(generatedBytes(largeFileSize), createWriteStream(join(folder, "large.bin")));
  return folder;
}

/** Copies a given file or folder, so that the kept folder holds all that the tour started from. */
export async function copyContent(path: string, folder: string): Promise<string> {
  const target = join(folder, basename(path));
  await cp(path, target, { recursive: true });
  return target;
}

/** Every regular file that an import of `path` meets, with what to compare after the journey. */
export async function hashOriginals(path: string): Promise<Map<string, Original>> {
  const isFolder = (await stat(path)).isDirectory();
  const originals = new Map<string, Original>();
  for await (const entry of localTree(path)) {
    if (entry.kind !== "file") continue;
    const name = `/${entry.names.join("/").normalize("NFC")}`;
    const file = isFolder ? join(path, ...entry.names) : path;
    originals.set(name, { path: name, size: entry.size, sha256: await sha256Of(createReadStream(file)) });
  }
  return originals;
}

/** The SHA-256 of a stream, in hex. */
export async function sha256Of(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes that do not compress and are the same at each run: a file is then recognised when it is imported again. */
function* generatedBytes(size: number): Generator<Uint8Array, void, undefined> {
  const block = new Uint32Array(16 * 1024);
  let state = 0x9e3779b9;
  for (let done = 0; done < size; done += block.byteLength) {
    for (let i = 0; i < block.length; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      block[i] = state;
    }
    yield new Uint8Array(block.slice().buffer, 0, Math.min(block.byteLength, size - done));
  }
}
