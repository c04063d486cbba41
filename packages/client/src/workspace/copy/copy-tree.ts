import { breathe, joinSignals, type OperationOptions, throwIfAborted } from "@parsec/base";
import {
  type ChunkId,
  type EntryName,
  FsPath,
  type LocalFileManifest,
  newLocalFileManifest,
  newLocalFolderManifest,
  type VlobId,
} from "@parsec/types";
import type { ChunkHold } from "../content/chunk-pins.ts";
import { holdFile } from "../content/hold-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import { changeParent, checkWritable } from "../tree/change-folder.ts";
import { entryExists } from "../tree/create-folder.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { childOf, isValidChild, resolve } from "../tree/resolve.ts";
import { type SharedContent, shareContent } from "./share-content.ts";

/** An entry to be made, with all below it. */
type Planned = PlannedFile | PlannedFolder;

interface PlannedFile {
  readonly source: LocalFileManifest;
  readonly content: SharedContent;
}

interface PlannedFolder {
  readonly children: ReadonlyMap<EntryName, Planned>;
}

/**
 * Copies a file, or a folder with all that is in it; gives the id of the copy. Nothing is downloaded or uploaded again:
 * the copy names the blocks that the server has. The copy appears as a whole, or not at all. Needs no network when the
 * folders of it were listed before. Progress counts entries.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT (of the destination), ENTRY_NOT_FOUND, PARENT_NOT_FOUND,
 * PARENT_IS_FILE, ENTRY_EXISTS, MOVE_INTO_ITSELF, CHUNK_NOT_FOUND; what fetching manifests throws; StorageError
 */
export async function copy(
  context: WorkspaceContext,
  from: FsPath,
  to: FsPath,
  options: OperationOptions = {},
): Promise<VlobId> {
  checkWritable(context);
  if (FsPath.isRoot(to)) {
    throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace cannot be the copy of anything");
  }
  if (FsPath.isRoot(from) || `${to}/`.startsWith(`${from}/`)) {
    throw new WorkspaceError("MOVE_INTO_ITSELF", `${from} cannot be copied into itself`);
  }
  const joined = joinSignals(options.signal, context.closed);
  const planner = new Planner(context, joined.signal, options.onProgress);
  try {
    const { manifest } = await resolve(context, context.manifests.with({ signal: joined.signal }), from);
    const planned = await planner.plan(manifest);
    const id = await changeParent(
      context,
      to,
      async ({ draft, parent, name }) => {
        const existing = await childOf(context, draft, parent, name);
        if (existing !== undefined) throw entryExists(to, existing);
        return make(context, draft, planned, parent.base.id, name);
      },
      { signal: joined.signal },
    );
    planner.settle();
    return id;
  } catch (error) {
    planner.discard();
    throw error;
  } finally {
    joined.release();
  }
}

/** Reads what is to be copied, and makes its content ready. */
class Planner {
  readonly #context: WorkspaceContext;
  readonly #signal: AbortSignal;
  readonly #onProgress: OperationOptions["onProgress"];
  readonly #holds: ChunkHold[] = [];
  readonly #stored: ChunkId[] = [];
  readonly #seen = new Set<VlobId>();
  #known = 1;
  #done = 0;

  constructor(context: WorkspaceContext, signal: AbortSignal, onProgress: OperationOptions["onProgress"]) {
    this.#context = context;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  async plan(manifest: LocalManifest): Promise<Planned> {
    await breathe();
    throwIfAborted(this.#signal);
    const planned = isFile(manifest) ? await this.#planFile(manifest.base.id) : await this.#planFolder(manifest);
    this.#done += 1;
    this.#onProgress?.({ done: this.#done, total: this.#known });
    return planned;
  }

  /** The copy is there. */
  settle(): void {
    for (const hold of this.#holds) hold.release();
  }

  /** There is no copy. */
  discard(): void {
    this.#context.pins.letGo(this.#stored, "delete");
    this.settle();
  }

  async #planFile(id: VlobId): Promise<Planned> {
    const held = await holdFile(this.#context, id, { signal: this.#signal });
    // Somebody made it a folder in this very moment.
    if (held === undefined) {
      const other = await this.#context.manifests.get(id);
      return isFile(other) ? this.#planFile(id) : this.#planFolder(other);
    }
    this.#holds.push(held.hold);
    const content = await shareContent(this.#context, held.file, held.hold);
    for (const stored of content.stored) this.#stored.push(stored);
    return { source: held.file, content };
  }

  async #planFolder(folder: Exclude<LocalManifest, LocalFileManifest>): Promise<Planned> {
    const children = new Map<EntryName, Planned>();
    // Folders that are each other's children do not come to an end otherwise.
    if (this.#seen.has(folder.base.id)) return { children };
    this.#seen.add(folder.base.id);
    const ids = [...folder.children.values()];
    const { found, damaged } = await this.#context.manifests.lookUp(ids, { signal: this.#signal });
    const [damage] = damaged.values();
    if (damage !== undefined) throw damage;
    const byId = new Map(found.map((child) => [child.base.id, child]));
    this.#known += found.length;
    for (const [name, id] of folder.children) {
      const child = byId.get(id);
      if (child !== undefined && isValidChild(this.#context, folder, child)) children.set(name, await this.plan(child));
      else if (child !== undefined) this.#known -= 1;
    }
    return { children };
  }
}

/** Puts the copy of an entry in its place. Gives its id. */
async function make(
  context: WorkspaceContext,
  draft: TreeDraft,
  planned: Planned,
  parent: VlobId,
  name: EntryName,
): Promise<VlobId> {
  if ("source" in planned) {
    const { size, blocksize } = planned.source;
    const file = newLocalFileManifest(context.deviceId, parent, draft.now);
    draft.put({ ...file, size, blocksize, blocks: planned.content.slots });
    await draft.bind(parent, name, file.base.id);
    return file.base.id;
  }
  const folder = newLocalFolderManifest(context.deviceId, parent, draft.now);
  draft.put(folder);
  for (const [childName, child] of planned.children) await make(context, draft, child, folder.base.id, childName);
  await draft.bind(parent, name, folder.base.id);
  return folder.base.id;
}
