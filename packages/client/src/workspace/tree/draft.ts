import { BugError } from "@parsec/base";
import type { NewChunk } from "@parsec/storage";
import type { ChunkId, DateTime, EntryName, LocalFolderManifest, NamePattern, VlobId } from "@parsec/types";
import { type DamageError, isFolder, isForgotten, type LocalManifest, type LookedUp } from "../manifests.ts";
import { nameConflictName } from "../merge/conflict-name.ts";
import { keepNames, namesOf } from "./name-index.ts";

/** A change asked for entries that are not on this device: they are fetched, and the change runs again. */
export class NotLocal extends Error {
  readonly ids: readonly VlobId[];

  constructor(ids: readonly VlobId[]) {
    super("Entries have to be fetched first");
    this.ids = ids;
  }
}

/** What one transaction stores. */
export interface TreeChanges {
  readonly manifests: readonly LocalManifest[];
  readonly deletedManifests: readonly VlobId[];
  /** Entries that were removed, whatever becomes of their manifests. */
  readonly discarded: readonly VlobId[];
  readonly newChunks: readonly NewChunk[];
  readonly removedChunks: readonly ChunkId[];
}

/** Entries that were asked for in vain, with the failure; `undefined` for those that do not exist. */
export type Unavailable = ReadonlyMap<VlobId, DamageError | undefined>;

interface LocalReader {
  getReadable(id: VlobId): Promise<LocalManifest | undefined>;
}

/** The children of a folder that a batch changes: copied once, then changed in place. */
interface OpenFolder {
  readonly children: Map<EntryName, VlobId>;
  readonly names: Map<VlobId, EntryName>;
  readonly confined: Set<VlobId>;
}

/** Changes that are going to be stored together, on top of the manifests of this device. */
export class TreeBatch {
  readonly pattern: NamePattern;
  readonly now: DateTime;
  readonly reader: LocalReader;
  readonly manifests = new Map<VlobId, LocalManifest>();
  readonly deleted = new Set<VlobId>();
  readonly discarded = new Set<VlobId>();
  readonly newChunks = new Map<ChunkId, NewChunk>();
  readonly removedChunks = new Set<ChunkId>();
  readonly #open = new Map<VlobId, OpenFolder>();

  constructor(reader: LocalReader, pattern: NamePattern, now: DateTime) {
    this.reader = reader;
    this.pattern = pattern;
    this.now = now;
  }

  /** Nothing when there is nothing to store. */
  changes(): TreeChanges | undefined {
    const { manifests, deleted, discarded, newChunks, removedChunks } = this;
    if (manifests.size + deleted.size + newChunks.size + removedChunks.size === 0) return undefined;
    return {
      manifests: [...manifests.values()],
      deletedManifests: [...deleted],
      discarded: [...discarded],
      newChunks: [...newChunks.values()],
      removedChunks: [...removedChunks],
    };
  }

  /** The maps behind the children of a folder of this batch, which may be changed in place. */
  open(folder: LocalFolderManifest): OpenFolder {
    const { id } = folder.base;
    const known = this.#open.get(id);
    if (known !== undefined && known.children === folder.children) return known;
    const children = new Map(folder.children);
    const names = new Map(namesOf(folder.children));
    keepNames(children, names);
    const opened = { children, names, confined: new Set(folder.localConfinementPoints) };
    this.#open.set(id, opened);
    return opened;
  }
}

/**
 * One change of the tree while it is made: the manifests as they would be, and what to make of them. What it holds is
 * local; asking for more ends the attempt (see `TreeLock.change`). Not to be used once the change has returned.
 */
export class TreeDraft {
  readonly #batch: TreeBatch;
  readonly #unavailable: Unavailable;
  readonly #undo: (() => void)[] = [];

  constructor(batch: TreeBatch, unavailable: Unavailable) {
    this.#batch = batch;
    this.#unavailable = unavailable;
  }

  /** The date of this change. */
  get now(): DateTime {
    return this.#batch.now;
  }

  /** The entry as it would be, when it is on this device and readable. */
  async getLocal(id: VlobId): Promise<LocalManifest | undefined> {
    if (this.#batch.deleted.has(id)) return undefined;
    return this.#batch.manifests.get(id) ?? (await this.#batch.reader.getReadable(id));
  }

  /**
   * The entry as it would be, `undefined` when neither this device nor the server has it.
   * @throws what fetching threw for that entry, as InvalidManifestError
   */
  async find(id: VlobId): Promise<LocalManifest | undefined> {
    const local = await this.getLocal(id);
    if (local !== undefined && !isForgotten(local)) return local;
    if (!this.#unavailable.has(id)) throw new NotLocal([id]);
    const failure = this.#unavailable.get(id);
    if (failure === undefined) return undefined;
    throw failure;
  }

  /** Those of many entries that exist. */
  async findAll(ids: readonly VlobId[]): Promise<LookedUp> {
    const found: LocalManifest[] = [];
    const damaged = new Map<VlobId, DamageError>();
    const missing: VlobId[] = [];
    for (const id of ids) {
      const local = await this.getLocal(id);
      if (local !== undefined && !isForgotten(local)) found.push(local);
      else if (!this.#unavailable.has(id)) missing.push(id);
      else {
        const damage = this.#unavailable.get(id);
        if (damage !== undefined) damaged.set(id, damage);
      }
    }
    if (missing.length > 0) throw new NotLocal(missing);
    return { found, damaged };
  }

  /** Stores this in place of what was there. */
  put(manifest: LocalManifest): void {
    const { manifests, deleted } = this.#batch;
    const { id } = manifest.base;
    const before = manifests.get(id);
    const wasDeleted = deleted.delete(id);
    manifests.set(id, manifest);
    this.#undo.push(() => {
      if (before === undefined) manifests.delete(id);
      else manifests.set(id, before);
      if (wasDeleted) deleted.add(id);
    });
  }

  /** Forgets an entry: for one that the server never had. */
  delete(id: VlobId): void {
    const { manifests, deleted } = this.#batch;
    const before = manifests.get(id);
    manifests.delete(id);
    if (!deleted.has(id)) {
      deleted.add(id);
      this.#undo.push(() => deleted.delete(id));
    }
    if (before !== undefined) this.#undo.push(() => manifests.set(id, before));
  }

  /** Says that an entry was removed. Whoever has it open goes on with what is no entry any more. */
  discarded(id: VlobId): void {
    const { discarded } = this.#batch;
    if (discarded.has(id)) return;
    discarded.add(id);
    this.#undo.push(() => discarded.delete(id));
  }

  /** Stores content that a manifest of this change names. */
  addChunk(chunk: NewChunk): void {
    const { newChunks } = this.#batch;
    newChunks.set(chunk.id, chunk);
    this.#undo.push(() => newChunks.delete(chunk.id));
  }

  /** Deletes content that no manifest names any more. */
  removeChunks(ids: Iterable<ChunkId>): void {
    const { removedChunks } = this.#batch;
    for (const id of ids) {
      if (removedChunks.has(id)) continue;
      removedChunks.add(id);
      this.#undo.push(() => removedChunks.delete(id));
    }
  }

  /**
   * Gives an entry a name in a folder, in place of the one that it may have there. When another entry has the name, that
   * one stays, under its name-conflict name: call {@link unbind} before to take its place. The folder must be uploaded,
   * unless all names concerned are confined to this device (spec 11 §9.2).
   */
  async bind(folderId: VlobId, name: EntryName, id: VlobId): Promise<void> {
    const folder = await this.#folder(folderId);
    const open = this.#batch.open(folder);
    const { children, names } = open;
    if (children.get(name) === id) return;
    const former = names.get(id);
    let isShared = former !== undefined && this.#take(open, former);
    const occupant = children.get(name);
    if (occupant !== undefined) {
      isShared = this.#take(open, name) || isShared;
      const aside = nameConflictName(name, (candidate) => candidate === name || children.has(candidate));
      isShared = this.#give(open, aside, occupant) || isShared;
    }
    isShared = this.#give(open, name, id) || isShared;
    this.#update(folder, open, isShared);
  }

  /** Takes a name away from the entry that has it in a folder. */
  async unbind(folderId: VlobId, name: EntryName): Promise<void> {
    const folder = await this.#folder(folderId);
    if (!folder.children.has(name)) throw new BugError("A name that nobody has cannot be taken away");
    const open = this.#batch.open(folder);
    this.#update(folder, open, this.#take(open, name));
  }

  /** Takes all of it back. */
  undo(): void {
    for (const step of this.#undo.splice(0).reverse()) step();
  }

  async #folder(id: VlobId): Promise<LocalFolderManifest> {
    const folder = await this.getLocal(id);
    if (folder === undefined || !isFolder(folder)) throw new BugError("Children are bound in local folders only");
    return folder;
  }

  /** Says whether the change concerns more than this device. */
  #take({ children, names, confined }: OpenFolder, name: EntryName): boolean {
    const id = children.get(name);
    if (id === undefined) return false;
    const wasConfined = confined.delete(id);
    children.delete(name);
    names.delete(id);
    this.#undo.push(() => {
      children.set(name, id);
      names.set(id, name);
      if (wasConfined) confined.add(id);
    });
    return !wasConfined;
  }

  #give({ children, names, confined }: OpenFolder, name: EntryName, id: VlobId): boolean {
    const isConfined = this.#batch.pattern.matches(name);
    if (isConfined) confined.add(id);
    children.set(name, id);
    names.set(id, name);
    this.#undo.push(() => {
      children.delete(name);
      names.delete(id);
      if (isConfined) confined.delete(id);
    });
    return !isConfined;
  }

  #update(folder: LocalFolderManifest, { children, confined }: OpenFolder, isShared: boolean): void {
    const changed = { ...folder, children, localConfinementPoints: confined };
    this.put(isShared ? { ...changed, needSync: true, updated: this.now } : changed);
  }
}
