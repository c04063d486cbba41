import { breathe, KeyedMutex } from "@parsec/base";
import { type PageCursor, StorageError, type WorkspaceManifest } from "@parsec/storage";
import {
  type EntryName,
  type LocalFileManifest,
  type LocalFolderManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  VlobId,
} from "@parsec/types";
import type { WorkspaceContext } from "./context.ts";
import { InvalidManifestError, WorkspaceError } from "./errors.ts";
import { chunksOf } from "./file/slot.ts";
import { fetchManifests, namesBefore } from "./remote/fetch-manifest.ts";
import type { RemoteManifest } from "./remote/open-manifest.ts";
import type { TreeChanges, Unavailable } from "./tree/draft.ts";
import type { TreeLock } from "./tree-lock.ts";

/** A file or a folder as this device sees it. */
export type LocalManifest = WorkspaceManifest;

/** What manifests are read with: the context of a workspace, before it has its manifests. */
export type ManifestsContext = Omit<WorkspaceContext, "manifests" | "tree" | "takeIn">;

/** Above what any workspace holds. */
const noLimit = 2 ** 31 - 1;
/** Manifests that are read at once, when all are looked through. */
const pageSize = 1000;

export interface ManifestOptions {
  readonly signal?: AbortSignal | undefined;
}

export function isFolder(manifest: LocalManifest): manifest is LocalFolderManifest {
  return manifest.type === "local_folder_manifest";
}

export function isFile(manifest: LocalManifest): manifest is LocalFileManifest {
  return manifest.type === "local_file_manifest";
}

/**
 * Whether nothing is left of the entry but its id: it was removed before it was uploaded, and others may know the id from
 * the folder that listed it. Should they put something into it, it is an entry again.
 */
export function isForgotten({ base, needSync }: LocalManifest): boolean {
  return base.version === 0 && !needSync;
}

/**
 * An entry that was fetched, on a device where it was forgotten. A version that is younger than the removal is not what
 * was removed: it waits for an upload, so that it is given a place.
 */
export function remembered(fetched: LocalManifest, before: LocalManifest): LocalManifest {
  return fetched.base.timestamp > before.updated ? { ...fetched, needSync: true } : fetched;
}

/** Entries that were looked up. What is neither here nor there does not exist. */
export interface LookedUp {
  readonly found: readonly LocalManifest[];
  /** Those that exist and cannot be read, with the reason. */
  readonly damaged: ReadonlyMap<VlobId, DamageError>;
}

/** Why an entry cannot be read: what the server gave of it is refused, or what this device stored is damaged. */
export type DamageError = InvalidManifestError | StorageError;

export function isDamage(error: unknown): error is DamageError {
  return error instanceof InvalidManifestError || (error instanceof StorageError && error.code === "STORAGE_CORRUPTED");
}

/**
 * The manifests of one workspace by id: in memory, then in the local database, then on the server (spec 11 §3.1). What
 * comes from the server is kept. Whoever changes a manifest holds the lock of the tree, which stores it here.
 */
export class Manifests {
  readonly #context: ManifestsContext;
  readonly #tree: () => TreeLock;
  readonly #known = new Map<VlobId, LocalManifest>();
  readonly #loading = new KeyedMutex<VlobId>();
  #folders: Map<VlobId, LocalFolderManifest> | undefined;
  #reading: Promise<ReadonlyMap<VlobId, LocalFolderManifest>> | undefined;

  /** `tree` is not asked before something is fetched. */
  constructor(context: ManifestsContext, tree: () => TreeLock) {
    this.#context = context;
    this.#tree = tree;
  }

  /** @throws WorkspaceError ENTRY_NOT_FOUND, and what {@link find} throws */
  async get(id: VlobId, options: ManifestOptions = {}): Promise<LocalManifest> {
    const manifest = await this.find(id, options);
    if (manifest !== undefined) return manifest;
    throw new WorkspaceError("ENTRY_NOT_FOUND", `There is no entry with id ${VlobId.display(id)}`, { entryId: id });
  }

  /**
   * The entry, or `undefined` when neither this device nor the server has it.
   * @throws what keeps it from being fetched or read
   */
  async find(id: VlobId, options: ManifestOptions = {}): Promise<LocalManifest | undefined> {
    const { found, damaged } = await this.lookUp([id], options);
    const [damage] = damaged.values();
    if (damage !== undefined) throw damage;
    return found[0];
  }

  /** To look entries up with these options. */
  with(options: ManifestOptions): { find(id: VlobId): Promise<LocalManifest | undefined> } {
    return { find: (id) => this.find(id, options) };
  }

  /**
   * Looks many entries up; the server is asked for all that are missing in one request for each thousand. One that
   * cannot be read holds no other.
   */
  async lookUp(ids: readonly VlobId[], options: ManifestOptions = {}): Promise<LookedUp> {
    const found: LocalManifest[] = [];
    const damaged = new Map<VlobId, DamageError>();
    const missing: VlobId[] = [];
    for (const id of ids) {
      await breathe();
      try {
        const local = await this.getLocal(id);
        if (local === undefined || isForgotten(local)) missing.push(id);
        else found.push(local);
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.set(id, error);
      }
    }
    if (missing.length === 0) return { found, damaged };
    const fetched = await this.#fetch(missing, options);
    return { found: [...found, ...fetched.found], damaged: new Map([...damaged, ...fetched.damaged]) };
  }

  /** Fetches entries that are not on this device. Gives those that cannot be had. */
  async fetchMissing(ids: readonly VlobId[], options: ManifestOptions = {}): Promise<Unavailable> {
    const { found, damaged } = await this.lookUp(ids, options);
    const gone = new Map<VlobId, DamageError | undefined>(ids.map((id) => [id, damaged.get(id)]));
    for (const { base } of found) gone.delete(base.id);
    return gone;
  }

  /** What is in memory of an entry. Nothing can have changed between the look and what is done at once with it. */
  peek(id: VlobId): LocalManifest | undefined {
    return this.#known.get(id);
  }

  /** Without the network. @throws StorageError STORAGE_CORRUPTED when what is stored of it is damaged */
  async getLocal(id: VlobId): Promise<LocalManifest | undefined> {
    return this.#known.get(id) ?? this.#loading.run(id, async () => this.#known.get(id) ?? (await this.#load(id)));
  }

  /** As {@link getLocal}; what is damaged is not there. */
  async getReadable(id: VlobId): Promise<LocalManifest | undefined> {
    try {
      return await this.getLocal(id);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  /** Stores what a change of the tree made. Only its lock calls this. */
  async store(changes: TreeChanges): Promise<void> {
    const { manifests, deletedManifests, newChunks, removedChunks } = changes;
    const { pins, store, openFiles, kept } = this.#context;
    await pins.storing({ named: manifests.flatMap(chunksOf), dropped: removedChunks }, async (removable) => {
      await store.applyChanges({ manifests, deletedManifests, newChunks, removedChunks: removable });
      // At once, and all of them: who waited for this change must see the whole of it.
      for (const manifest of manifests) {
        this.#known.set(manifest.base.id, manifest);
        if (isFolder(manifest)) this.#folders?.set(manifest.base.id, manifest);
      }
      for (const id of deletedManifests) {
        this.#known.delete(id);
        this.#folders?.delete(id);
      }
      openFiles.stored(changes);
      kept.stored(changes);
    });
  }

  /** Entries that wait for an upload. */
  dirtyIds(): Promise<readonly VlobId[]> {
    return this.#context.store.getOutboundNeedSync(noLimit);
  }

  /**
   * Every folder of this device. The first call reads all that is stored; from then on they are kept, at no more cost than
   * that of their changes.
   */
  async folders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>> {
    this.#reading ??= this.#readFolders();
    try {
      return await this.#reading;
    } catch (error) {
      this.#reading = undefined;
      throw error;
    }
  }

  /** What a folder called entries that it lists no more, as its last versions tell. */
  async formerNames(
    folderId: VlobId,
    ids: ReadonlySet<VlobId>,
    options: ManifestOptions = {},
  ): Promise<ReadonlyMap<VlobId, EntryName>> {
    const folder = await this.getReadable(folderId);
    if (folder === undefined || !isFolder(folder)) return new Map();
    return namesBefore(this.#context, folderId, folder.base.version, ids, options);
  }

  /** Every entry of this device that can be read, a page of them at a time. */
  async *all(): AsyncGenerator<LocalManifest, void, undefined> {
    let cursor: PageCursor | undefined;
    do {
      const { items, next } = await this.#context.store.listManifests(cursor, pageSize);
      for (const stored of items) if (!("damage" in stored)) yield this.#known.get(stored.base.id) ?? stored;
      cursor = next;
    } while (cursor !== undefined);
  }

  async #readFolders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>> {
    const folders = new Map<VlobId, LocalFolderManifest>();
    this.#folders = folders;
    for await (const manifest of this.all()) if (isFolder(manifest)) folders.set(manifest.base.id, manifest);
    return folders;
  }

  /** What a remote version looks like on a device that has nothing of its own to say about it. */
  fromRemote(remote: RemoteManifest): LocalManifest {
    return remote.type === "file_manifest"
      ? localFileManifestFromRemote(remote)
      : localFolderManifestFromRemote(remote, this.#context.pattern);
  }

  async #load(id: VlobId): Promise<LocalManifest | undefined> {
    const manifest = await this.#context.store.getManifest(id);
    if (manifest !== undefined) this.#known.set(id, manifest);
    return manifest;
  }

  async #fetch(ids: readonly VlobId[], options: ManifestOptions): Promise<LookedUp> {
    const { manifests, damaged } = await fetchManifests(this.#context, ids, options);
    if (manifests.length === 0) return { found: [], damaged };
    // Under the lock: when somebody stored that entry meanwhile, theirs is the one.
    const found = await this.#tree().change(async (draft) => {
      const kept: LocalManifest[] = [];
      for (const remote of manifests) {
        const other = await draft.getLocal(remote.id);
        if (other !== undefined && !isForgotten(other)) {
          kept.push(other);
          continue;
        }
        const fetched = this.fromRemote(remote);
        const adopted = other === undefined ? fetched : remembered(fetched, other);
        draft.put(adopted);
        kept.push(adopted);
      }
      return kept;
    }, options);
    return { found, damaged };
  }
}
