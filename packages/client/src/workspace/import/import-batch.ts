import { breathe, Mutex, type Timer } from "@parsec/base";
import { FsPath, type LocalFolderManifest, type VlobId } from "@parsec/types";
import {
  discardStaged,
  type ForeignChunks,
  putContent,
  settleStaged,
  type WriteResult,
} from "../content/put-content.ts";
import type { StagedContent } from "../content/stage-content.ts";
import { commit } from "../content/write-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { isFolder } from "../manifests.ts";
import { checkWritable } from "../tree/change-folder.ts";
import { entryExists, newFolder } from "../tree/create-folder.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { childOf } from "../tree/resolve.ts";

/** What is put in the tree together with others. */
export type ImportItem =
  | { readonly kind: "folder"; readonly path: FsPath }
  | {
      readonly kind: "file";
      readonly path: FsPath;
      readonly staged: StagedContent;
      /** Told once the file is in the tree. */
      readonly onPut: (result: WriteResult) => void;
    };

type Outcome = "folder" | WriteResult | ForeignChunks | { readonly error: WorkspaceError };

/** A batch is put in the tree when it has so many items, or so much content, or when nothing more came for a while. */
const maxItems = 256;
const maxBytes = 16 * 1024 * 1024;
const maxWaitMs = 1_000;

/**
 * Files and folders that wait to be put in the tree together: a folder is rewritten once for all that goes into it,
 * and not once for each. The larger these folders grow, all together, the larger the batches: the work stays in proportion.
 */
export class ImportBatch {
  readonly #context: WorkspaceContext;
  readonly #writing = new Mutex();
  #waiting: ImportItem[] = [];
  #bytes = 0;
  /** Children of the folders that the last batch rewrote. */
  #rewritten = 0;
  #timer: Timer | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(context: WorkspaceContext) {
    this.#context = context;
  }

  /** Takes one more; waits while a full batch is stored. A folder comes before what it holds. @throws as {@link flush} */
  async add(item: ImportItem): Promise<void> {
    this.#waiting.push(item);
    this.#bytes += item.kind === "file" ? item.staged.size : 0;
    const isFull = this.#waiting.length >= Math.max(maxItems, this.#rewritten / 4) || this.#bytes >= maxBytes;
    if (isFull) {
      await this.flush();
      return;
    }
    this.#timer ??= this.#context.session.clock.timer(maxWaitMs, () => {
      this.flush().catch(() => undefined);
    });
  }

  /**
   * Puts in the tree what waits; the other items are put also when one is refused.
   * @throws WorkspaceError of the first item that was ever refused; StorageError
   */
  async flush(): Promise<void> {
    await this.#writing.run(async () => {
      this.#timer?.cancel();
      this.#timer = undefined;
      const items = this.#waiting;
      this.#waiting = [];
      this.#bytes = 0;
      if (items.length > 0) await this.#put(items);
    });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #put(items: readonly ImportItem[]): Promise<void> {
    const { tree, closed } = this.#context;
    let outcomes: readonly Outcome[];
    try {
      checkWritable(this.#context);
      outcomes = await tree.change((draft) => this.#putAll(draft, items), { signal: closed });
    } catch (error) {
      for (const item of items) if (item.kind === "file") discardStaged(this.#context, item.staged);
      this.#failure ??= { error };
      return;
    }
    for (const [index, item] of items.entries()) await this.#settle(item, outcomes[index] ?? "folder");
  }

  async #settle(item: ImportItem, outcome: Outcome): Promise<void> {
    try {
      if (outcome !== "folder" && "error" in outcome) {
        if (item.kind === "file") discardStaged(this.#context, item.staged);
        throw outcome.error;
      }
      if (item.kind === "folder" || outcome === "folder") return;
      if ("foreign" in outcome) {
        item.onPut(await commit(this.#context, item.path, item.staged, this.#context.closed));
        return;
      }
      settleStaged(this.#context, item.staged, outcome);
      item.onPut(outcome);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #putAll(draft: TreeDraft, items: readonly ImportItem[]): Promise<readonly Outcome[]> {
    const folders = new DraftFolders(this.#context, draft);
    const outcomes: Outcome[] = [];
    for (const item of items) {
      await breathe();
      try {
        outcomes.push(await this.#putOne(draft, folders, item));
      } catch (error) {
        if (!(error instanceof WorkspaceError)) throw error;
        outcomes.push({ error });
      }
    }
    this.#rewritten = [...folders.sizes.values()].reduce((sum, size) => sum + size, 0);
    return outcomes;
  }

  async #putOne(draft: TreeDraft, folders: DraftFolders, item: ImportItem): Promise<Outcome> {
    const { path } = item;
    if (item.kind === "folder") {
      await folders.create(path);
      return "folder";
    }
    const name = FsPath.name(path);
    if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace is a folder");
    const parent = await folders.get(FsPath.parent(path));
    folders.sizes.set(parent.base.id, parent.children.size);
    return putContent(this.#context, draft, { path, parent, name }, item.staged);
  }
}

/** The folders of a draft by path: each is walked to once. */
class DraftFolders {
  readonly #context: WorkspaceContext;
  readonly #draft: TreeDraft;
  readonly #known = new Map<FsPath, VlobId>();
  /** How many children those that take files in have. */
  readonly sizes = new Map<VlobId, number>();

  constructor(context: WorkspaceContext, draft: TreeDraft) {
    this.#context = context;
    this.#draft = draft;
  }

  /** @throws WorkspaceError PARENT_NOT_FOUND, PARENT_IS_FILE */
  async get(path: FsPath): Promise<LocalFolderManifest> {
    const id = this.#known.get(path);
    const known = id === undefined ? await this.#find(path) : await this.#draft.find(id);
    if (known === undefined)
      throw new WorkspaceError("PARENT_NOT_FOUND", `There is no folder ${path}: create it first`);
    if (!isFolder(known)) throw new WorkspaceError("PARENT_IS_FILE", `${path} is a file: it cannot hold entries`);
    this.#known.set(path, known.base.id);
    return known;
  }

  /** Also the folders that lead to it. @throws WorkspaceError PARENT_IS_FILE, ENTRY_EXISTS when it is a file */
  async create(path: FsPath): Promise<void> {
    if (this.#known.has(path)) return;
    const name = FsPath.name(path);
    if (name !== undefined) {
      await this.create(FsPath.parent(path));
      const parent = await this.get(FsPath.parent(path));
      const existing = await childOf(this.#context, this.#draft, parent, name);
      if (existing !== undefined && !isFolder(existing)) throw entryExists(path, existing);
      this.#known.set(
        path,
        existing?.base.id ?? (await newFolder(this.#context, { draft: this.#draft, parent, name })),
      );
    }
  }

  async #find(path: FsPath): Promise<LocalFolderManifest | undefined | Awaited<ReturnType<TreeDraft["find"]>>> {
    const name = FsPath.name(path);
    if (name === undefined) return this.#draft.find(this.#context.realmId);
    return childOf(this.#context, this.#draft, await this.get(FsPath.parent(path)), name);
  }
}
