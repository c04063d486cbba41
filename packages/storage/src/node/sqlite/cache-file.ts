import { rmSync } from "node:fs";
import { hasCode } from "@parsec/base";
import { StorageError, storageClosed } from "../../errors.ts";
import type { SqliteConnection } from "./connection.ts";
import { guarded } from "./errors.ts";
import type { SqliteFile } from "./file.ts";

/**
 * The file of the block cache. All in it can be had again, so damage of any kind is cured by making it anew, and as
 * long as it cannot be used (locked by somebody, disk full, folder read-only) nothing is found in it.
 */
export class CacheFile {
  readonly #path: string;
  readonly #openFile: () => SqliteFile;
  #file: SqliteFile | undefined;
  #open = true;

  constructor(path: string, openFile: () => SqliteFile) {
    this.#path = path;
    this.#openFile = openFile;
    this.#tryOpening();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** What `work` reads; `otherwise` when it cannot be read. Rejects only after `close`. */
  read<T>(work: (connection: SqliteConnection) => T, otherwise: T): T {
    this.#checkOpen();
    try {
      return this.#file === undefined ? otherwise : this.#file.read(work);
    } catch (error) {
      if (isDamage(error)) this.#tryMakingAnew();
      return otherwise;
    }
  }

  /**
   * All of it or nothing; into a new file when this one is damaged.
   * @throws StorageError
   */
  write(work: (connection: SqliteConnection) => void): void {
    this.#checkOpen();
    try {
      this.#opened().write(work);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.makeAnew();
      this.#opened().write(work);
    }
  }

  /**
   * Empties the cache, also when the disk is so full that nothing can be deleted from a table.
   * @throws StorageError
   */
  makeAnew(): void {
    this.#checkOpen();
    this.#closeFile();
    guarded(() => {
      for (const suffix of ["", "-wal", "-shm", "-journal"]) {
        rmSync(`${this.#path}${suffix}`, { recursive: true, force: true });
      }
    });
    this.#file = this.#openFile();
  }

  /** Idempotent. */
  close(): void {
    this.#open = false;
    this.#closeFile();
  }

  #checkOpen(): void {
    if (!this.#open) throw storageClosed();
  }

  #opened(): SqliteFile {
    this.#file ??= this.#openFile();
    return this.#file;
  }

  #tryOpening(): void {
    try {
      this.#file = this.#openFile();
    } catch (error) {
      if (isDamage(error)) this.#tryMakingAnew();
    }
  }

  #tryMakingAnew(): void {
    try {
      this.makeAnew();
    } catch {
      // Nothing is found in it until a write succeeds in opening it.
    }
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      file?.close();
    } catch {
      // What could not be written back can be had again.
    }
  }
}

/** Whatever a new file would cure. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof StorageError)) return true;
  return !hasCode(error, "STORAGE_FULL", "DEVICE_IN_USE", "STORAGE_CLOSED");
}
