import { hasCode, KeyedMutex } from "@parsec/base";
import type { WorkspaceManifest } from "@parsec/storage";
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
export type ManifestsContext = Omit<WorkspaceContext, "manifests" | "tree">;

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
      if (local === undefined) missing.push(id);
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

  /** Stores manifests in one transaction. */
  async save(manifests: readonly LocalManifest[]): Promise<void> {
    await this.store({ manifests, deletedManifests: [], newChunks: [], removedChunks: [] });
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
      if (other !== undefined) return other;
      await this.#context.store.populateManifest(manifest);
      this.#known.set(id, manifest);
      return manifest;
    });
  }
}
