import type { LocalFileManifest, VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { chunksOf } from "../file/slot.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import type { TreeChanges } from "../tree/draft.ts";
import { BlockMemory } from "./block-memory.ts";
import type { OpenFile } from "./open-file.ts";

/** What others have to know of files that are open. */
export interface EntriesInUse {
  /** Somebody has it open: what the server has of it does not come in. */
  isOpen(id: VlobId): boolean;
  /** Somebody may write it: what this device has of it does not go out. */
  isBeingWritten(id: VlobId): boolean;
}

type MakeOpenFile = (file: LocalFileManifest, hold: ReturnType<WorkspaceContext["pins"]["holdNew"]>) => OpenFile;

/** The files of one workspace that somebody has open, by entry. */
export class OpenFiles implements EntriesInUse {
  /** What was read last of their content. */
  readonly memory = new BlockMemory();
  readonly #files = new Map<VlobId, OpenFile>();
  /** Removed while they were open: nobody finds them any more. */
  readonly #detached = new Set<OpenFile>();
  readonly #freed = new Set<(id: VlobId) => void>();
  readonly #pins: Pick<WorkspaceContext["pins"], "holdNew">;

  constructor(pins: Pick<WorkspaceContext["pins"], "holdNew">) {
    this.#pins = pins;
  }

  isOpen(id: VlobId): boolean {
    return this.#files.has(id);
  }

  isBeingWritten(id: VlobId): boolean {
    return (this.#files.get(id)?.writers ?? 0) > 0;
  }

  /** Calls `listener` with each entry that is not in use any more, or less than it was. */
  onFreed(listener: (id: VlobId) => void): () => void {
    this.#freed.add(listener);
    return () => this.#freed.delete(listener);
  }

  /** The entry as those see it who have it open; the same when nobody has. */
  current(manifest: LocalManifest): LocalManifest {
    return this.#files.get(manifest.base.id)?.manifest ?? manifest;
  }

  /** Stores what was written to an entry and is not stored yet. */
  async flush(id: VlobId): Promise<void> {
    await this.#files.get(id)?.flush();
  }

  /** Told of every change of the tree, as soon as it is stored. */
  stored({ manifests, discarded }: TreeChanges): void {
    if (this.#files.size === 0) return;
    for (const id of discarded) this.#detach(id);
    for (const manifest of manifests) {
      if (isFile(manifest)) this.#files.get(manifest.base.id)?.changed(manifest);
      else this.#detach(manifest.base.id);
    }
  }

  /** One more user of the file. Nobody may change the tree meanwhile. */
  join(file: LocalFileManifest, { write }: { readonly write: boolean }, make: MakeOpenFile): OpenFile {
    const { id } = file.base;
    let open = this.#files.get(id);
    if (open === undefined) {
      const hold = this.#pins.holdNew();
      hold.add(chunksOf(file));
      open = make(file, hold);
      this.#files.set(id, open);
    }
    open.users += 1;
    if (write) open.writers += 1;
    return open;
  }

  /** One user less. Says whether it was the last one who may write. */
  leave(open: OpenFile, { write }: { readonly write: boolean }): boolean {
    open.users -= 1;
    if (write) open.writers -= 1;
    if (open.users === 0) {
      this.#detached.delete(open);
      if (this.#files.get(open.id) === open) this.#files.delete(open.id);
      open.release();
    }
    if (open.isDetached) return false;
    const isLastWriter = write && open.writers === 0;
    if (isLastWriter || open.users === 0) for (const listener of this.#freed) listener(open.id);
    return isLastWriter;
  }

  /** Stores what was written to any of them, for the end of the workspace. Throws the first failure, after all others. */
  async close(): Promise<void> {
    const stored = await Promise.allSettled(Array.from(this.#files.values(), (open) => open.flush()));
    const failed = stored.find(({ status }) => status === "rejected");
    this.#files.clear();
    this.#detached.clear();
    this.memory.clear();
    if (failed?.status === "rejected") throw failed.reason;
  }

  #detach(id: VlobId): void {
    const open = this.#files.get(id);
    if (open === undefined) return;
    open.removed();
    this.#files.delete(id);
    this.#detached.add(open);
  }
}

export function entryInUse(entryId: VlobId): WorkspaceError {
  return new WorkspaceError("ENTRY_BUSY", "This file is open: it is synchronized when it has been closed", { entryId });
}
