import { KeyedMutex } from "@parsec/base";
import type { NewChunk, WorkspaceManifest } from "@parsec/storage";
import {
  type ChunkId,
  type LocalFileManifest,
  type LocalFolderManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  VlobId,
} from "@parsec/types";
import type { WorkspaceContext } from "./context.ts";
import { WorkspaceError } from "./errors.ts";
import { fetchManifests } from "./remote/fetch-manifest.ts";
import type { RemoteManifest } from "./remote/open-manifest.ts";

/** A file or a folder as this device sees it. */
export type LocalManifest = WorkspaceManifest;

/** What manifests are read with: the context of a workspace, before it has its manifests. */
export type ManifestsContext = Omit<WorkspaceContext, "manifests">;

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
    const [manifest] = await this.getMany([id], options);
    if (manifest !== undefined) return manifest;
    throw new WorkspaceError("ENTRY_NOT_FOUND", `There is no entry with id ${VlobId.display(id)}`, { entryId: id });
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

  /** Without the network. */
  async getLocal(id: VlobId): Promise<LocalManifest | undefined> {
    return this.#known.get(id) ?? this.#fetching.run(id, async () => this.#known.get(id) ?? (await this.#load(id)));
  }

  /** Stores manifests in one transaction. */
  async save(manifests: readonly LocalManifest[]): Promise<void> {
    await this.#context.store.updateManifests(manifests);
    for (const manifest of manifests) this.#known.set(manifest.base.id, manifest);
  }

  /** Stores a file whose content changed, and drops the chunks that it no longer uses, in one transaction. */
  async saveFile(
    manifest: LocalFileManifest,
    removed: readonly ChunkId[],
    newChunks: readonly NewChunk[] = [],
  ): Promise<void> {
    await this.#context.store.updateManifestAndChunks(manifest, newChunks, removed);
    this.#known.set(manifest.base.id, manifest);
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
