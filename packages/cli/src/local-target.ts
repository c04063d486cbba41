import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { lstat, mkdir, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { EntryStat, Workspace } from "@parsec/client";
import { DateTime } from "@parsec/types";

/**
 * Files of a workspace, written to this machine. A file appears under its name once all of it is there, with the date of
 * its content: one that is there with that size and date is not downloaded again, so that an interrupted run goes on.
 */
export class LocalTarget {
  files = 0;
  unchanged = 0;
  bytes = 0;
  readonly #workspace: Workspace;
  readonly #signal: AbortSignal;

  constructor(workspace: Workspace, signal: AbortSignal) {
    this.#workspace = workspace;
    this.#signal = signal;
  }

  /** Names come from others: one that this system takes for a path leads nowhere. */
  static canHold(name: string): boolean {
    return basename(name) === name && name !== "." && name !== ".." && name !== "";
  }

  async folder(path: string): Promise<void> {
    await mkdir(path, { recursive: true });
  }

  async file(from: string, to: string, { size, updated }: EntryStat): Promise<void> {
    // Whole milliseconds, which every file system and `utimes` keep.
    const date = new Date(Math.floor(DateTime.toSeconds(updated) * 1000));
    if (await isSame(to, size, date)) {
      this.unchanged += 1;
      return;
    }
    const part = join(dirname(to), `.parsec-${randomUUID()}`);
    try {
      const content = await this.#workspace.readFile(from, { signal: this.#signal });
      await pipeline(content, createWriteStream(part, { flags: "wx", flush: true }));
      await utimes(part, date, date);
      await rename(part, to);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    this.files += 1;
    this.bytes += size;
  }
}

async function isSame(path: string, size: number, date: Date): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size && Math.abs(found.mtimeMs - date.getTime()) < 1;
}
