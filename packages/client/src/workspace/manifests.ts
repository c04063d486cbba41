import { hasCode, KeyedMutex } from "@parsec/base";
import type { PageCursor, WorkspaceManifest } from "@parsec/storage";
import {
  type LocalFileManifest,
  type LocalFolderManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  VlobId,
} from "@parsec/types";
import type { WorkspaceContext } from "./context.ts";
import { WorkspaceError } from "./errors.ts";
import { chunksOf } from "./file/slot.ts";
import { fetchManifests } from "./remote/fetch-manifest.ts";
import type { RemoteManifest } from "./remote/open-manifest.ts";
import type { TreeChanges, Unavailable } from "./tree/draft.ts";

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

/**
 * The manifests of one workspace by id: in memory, then in the local database, then on the server (spec 11 §3.1). What
 * comes from the server is kept. Who changes a manifest holds its lock and saves it here.
 */
export class Manifests {
  readonly #context: ManifestsContext;
  readonly #known = new Map<VlobId, LocalManifest>();
  readonly #fetching = new KeyedMutex<VlobId>();

  constructor(context: ManifestsContext) {
    this.#context = context;
  }

  /** @throws WorkspaceError ENTRY_NOT_FOUND, and what fetching throws */
  async get(id: VlobId, options: ManifestOptions = {}): Promise<LocalManifest> {
    const manifest = await this.find(id, options);
    if (manifest !== undefined) return manifest;
    throw new WorkspaceError("ENTRY_NOT_FOUND", `There is no entry with id ${VlobId.display(id)}`, { entryId: id });
  }

  /** The entry, or `undefined` when neither this device nor the server has it. @throws what fetching throws */
  async find(id: VlobId, options: ManifestOptions = {}): Promise<LocalManifest | undefined> {
    try {
      const [manifest] = await this.getMany([id], options);
      return manifest;
    } catch (error) {
      // A realm that exists on this device alone holds nothing that this device does not have.
      if (hasCode(error, "REALM_NOT_FOUND")) return undefined;
      throw error;
    }
  }

  /** To look entries up with these options. */
  with(options: ManifestOptions): { find(id: VlobId): Promise<LocalManifest | undefined> } {
    return { find: (id) => this.find(id, options) };
  }

  /** Fetches entries that are not on this device. Gives those that the server does not have. */
  async fetchMissing(ids: readonly VlobId[], options: ManifestOptions = {}): Promise<Unavailable> {
    const gone = new Map<VlobId, Error | undefined>(ids.map((id) => [id, undefined]));
    try {
      for (const { base } of await this.getMany(ids, options)) gone.delete(base.id);
    } catch (error) {
      if (!hasCode(error, "REALM_NOT_FOUND")) throw error;
    }
    return gone;
  }

  /** Those that exist, in any order; the missing ones are asked of the server in one request. */
  async getMany(ids: readonly VlobId[], options: ManifestOptions = {}): Promise<readonly LocalManifest[]> {
    const found: LocalManifest[] = [];
    const missing: VlobId[] = [];
    for (const id of ids) {
      const local = await this.getLocal(id);
      if (local === undefined || isForgotten(local)) missing.push(id);
      else found.push(local);
    }
    if (missing.length === 0) return found;
    return [...found, ...(await this.#fetch(missing, options))];
  }

  /** What is in memory of an entry. Nothing can have changed between the look and what is done at once with it. */
  peek(id: VlobId): LocalManifest | undefined {
    return this.#known.get(id);
  }

  /** Without the network. */
  async getLocal(id: VlobId): Promise<LocalManifest | undefined> {
    return this.#known.get(id) ?? this.#fetching.run(id, async () => this.#known.get(id) ?? (await this.#load(id)));
  }

  /** Stores what a change of the tree made. Only its lock calls this. */
  async store({ manifests, deletedManifests, newChunks, removedChunks }: TreeChanges): Promise<void> {
    const { pins, store } = this.#context;
    await pins.storing({ named: manifests.flatMap(chunksOf), dropped: removedChunks }, async (removable) => {
      await store.applyChanges({ manifests, deletedManifests, newChunks, removedChunks: removable });
      // At once, and all of them: who waited for this change must see the whole of it.
      for (const manifest of manifests) this.#known.set(manifest.base.id, manifest);
      for (const id of deletedManifests) this.#known.delete(id);
    });
  }

  /** Entries that wait for an upload. */
  dirtyIds(): Promise<readonly VlobId[]> {
    return this.#context.store.getOutboundNeedSync(noLimit);
  }

  /** Every folder of this device. Those that change meanwhile are given as they were or as they are. */
  async *folders(): AsyncGenerator<LocalFolderManifest, void, undefined> {
    let cursor: PageCursor | undefined;
    do {
      const { items, next } = await this.#context.store.listManifests(cursor, pageSize);
      for (const manifest of items) if (!("damage" in manifest) && isFolder(manifest)) yield manifest;
      cursor = next;
    } while (cursor !== undefined);
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

  async #fetch(ids: readonly VlobId[], options: ManifestOptions): Promise<LocalManifest[]> {
    const remotes = await fetchManifests(this.#context, ids, options);
    return Promise.all(remotes.map((remote) => this.#adopt(this.fromRemote(remote))));
  }

  /** Keeps a fetched manifest, unless somebody stored that entry meanwhile: then theirs is the one. */
  #adopt(manifest: LocalManifest): Promise<LocalManifest> {
    const { id } = manifest.base;
    return this.#fetching.run(id, async () => {
      const other = this.#known.get(id) ?? (await this.#load(id));
      if (other !== undefined && !isForgotten(other)) return other;
      const adopted = other === undefined ? manifest : remembered(manifest, other);
      await this.#context.store.applyChanges({ manifests: [adopted] });
      this.#known.set(id, adopted);
      return adopted;
    });
  }
}
