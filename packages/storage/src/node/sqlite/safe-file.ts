import { chmod, constants, copyFile, type FileHandle, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "../../errors.ts";

/** A database file that SQLite may open read-only without leaving anything beside the original. */
export interface SafeFile {
  readonly path: string;
  release(): Promise<void>;
}

const headerSize = 100;
const signature = "SQLite format 3\0";
/** Where the header says whether the database has a write-ahead log (2) or not (1), to write and to read. */
const formatOffset = 18;

/**
 * The file itself; one with a write-ahead log is copied, for SQLite would make files beside it even to read. What is in
 * a log was not written back by whoever left it, and does not count.
 * @throws StorageError STORAGE_CORRUPTED for a file that is no database, or cut off; errors of the file system
 */
export async function safeFile(path: string): Promise<SafeFile> {
  if (!(await stat(path)).isFile()) throw new StorageError("STORAGE_UNAVAILABLE", "This is not a file");
  const file = await open(path, "r");
  try {
    const header = await readHeader(file);
    if (!header.subarray(formatOffset, formatOffset + 2).includes(2)) return { path, release: async () => {} };
  } finally {
    await file.close();
  }
  return copyWithoutLog(path);
}

async function readHeader(file: FileHandle): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(headerSize), 0, headerSize, 0);
  if (bytesRead < headerSize || buffer.toString("latin1", 0, signature.length) !== signature) {
    throw new StorageError("STORAGE_CORRUPTED", "This is not a SQLite database");
  }
  const [size, pages] = [buffer.readUInt16BE(16), buffer.readUInt32BE(28)];
  // The count holds when who wrote it wrote last.
  const isCounted = buffer.readUInt32BE(24) === buffer.readUInt32BE(92);
  if (isCounted && (await file.stat()).size < pages * (size === 1 ? 65_536 : size)) {
    throw new StorageError("STORAGE_CORRUPTED", "The end of the file is missing: copy it again");
  }
  return buffer;
}

async function copyWithoutLog(path: string): Promise<SafeFile> {
  const folder = await mkdtemp(join(tmpdir(), "parsec-realm-export-"));
  const release = () => rm(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy.sqlite");
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, 0o600);
    const file = await open(copy, "r+");
    try {
      await file.write(Uint8Array.of(1, 1), 0, 2, formatOffset);
    } finally {
      await file.close();
    }
    return { path: copy, release };
  } catch (error) {
    await release();
    throw error;
  }
}
