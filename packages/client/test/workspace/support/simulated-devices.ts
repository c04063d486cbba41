import { utf8 } from "@parsec/base";
import { HashDigest } from "@parsec/crypto";
import {
  DateTime,
  DeviceId,
  EntryName,
  FsPath,
  type LocalFileManifest,
  localFileManifestFromRemote,
  localFileManifestToRemote,
  localFolderManifestFromRemote,
  localFolderManifestToRemote,
  newChunkView,
  newLocalFileManifest,
  newLocalRootManifest,
  PreventSyncPattern,
  promoteAsBlock,
  VlobId,
} from "@parsec/types";
import { WorkspaceError } from "../../../src/workspace/errors.ts";
import { isFile, isFolder, isForgotten, type LocalManifest, remembered } from "../../../src/workspace/manifests.ts";
import type { RemoteManifest } from "../../../src/workspace/remote/open-manifest.ts";
import { acknowledge } from "../../../src/workspace/sync/acknowledge.ts";
import { SentVersions } from "../../../src/workspace/sync/sent-versions.ts";
import { TakeIn, type TakeInContext } from "../../../src/workspace/sync/take-in.ts";
import { changeParent, type TreeContext } from "../../../src/workspace/tree/change-folder.ts";
import { createFolder } from "../../../src/workspace/tree/create-folder.ts";
import type { TreeChanges } from "../../../src/workspace/tree/draft.ts";
import { type MoveOptions, move } from "../../../src/workspace/tree/move.ts";
import { isReachable } from "../../../src/workspace/tree/reachable.ts";
import { remove } from "../../../src/workspace/tree/remove.ts";
import { childOf, isValidChild } from "../../../src/workspace/tree/resolve.ts";
import { TreeLock } from "../../../src/workspace/tree-lock.ts";

// Devices of one workspace that share a server in memory. The operations of the tree, the merge, the acknowledgement and
// the rescue are the real ones; requests and storage are replaced by maps. The content of a file is a word, whose digest
// stands in its only block.

export const realmId = uuid(VlobId, "00000000-0000-4000-8000-000000000001");
const pattern = PreventSyncPattern.fromGlobs(["*.tmp"]);

function uuid<Id>(kind: { parse(text: string): Id | undefined }, text: string): Id {
  const id = kind.parse(text);
  if (id === undefined) throw new Error("not a UUID");
  return id;
}

/** The versions of every entry, and the order in which they came. */
export class SimulatedServer {
  readonly versions = new Map<VlobId, RemoteManifest[]>();
  readonly log: VlobId[] = [];
  #now = 1_700_000_000_000_000;

  tick(): DateTime {
    this.#now += 1_000_000;
    return DateTime.fromMicros(this.#now);
  }

  /** Lets an hour pass. */
  skip(): void {
    this.#now += 3_600_000_000;
  }

  latest(id: VlobId): RemoteManifest | undefined {
    return this.versions.get(id)?.at(-1);
  }

  /** False when the version is not the next one. */
  accept(manifest: RemoteManifest): boolean {
    const versions = this.versions.get(manifest.id) ?? [];
    if (manifest.version !== versions.length + 1) return false;
    this.versions.set(manifest.id, [...versions, manifest]);
    this.log.push(manifest.id);
    return true;
  }
}

/** An entry that a user sees. */
export interface SeenEntry {
  readonly id: VlobId;
  /** The word of a file; none for a folder. */
  readonly word: string | undefined;
}

export class SimulatedDevice {
  readonly id: DeviceId;
  readonly local = new Map<VlobId, LocalManifest>();
  readonly #server: SimulatedServer;
  readonly #remoteVersions = new Map<VlobId, number>();
  readonly #words: Map<string, string>;
  #checkpoint = 0;
  #sent = new SentVersions();
  #tree: TreeLock;
  #takeIn: TakeIn;

  constructor(server: SimulatedServer, id: DeviceId, words: Map<string, string>) {
    this.#server = server;
    this.id = id;
    this.#words = words;
    this.#tree = this.#makeTree();
    const root = newLocalRootManifest(id, realmId, server.tick(), { speculative: true });
    this.local.set(realmId, root);
    this.#takeIn = new TakeIn(this.#context);
  }

  #makeTree(): TreeLock {
    return new TreeLock({
      store: {
        getReadable: async (id) => this.local.get(id),
        fetchMissing: async (ids) => new Map(ids.filter((id) => !this.#fetch(id)).map((id) => [id, undefined])),
        store: async (changes) => this.#store(changes),
      },
      pattern,
      now: () => this.#server.tick(),
      onStored: () => undefined,
    });
  }

  #store({ manifests, deletedManifests }: TreeChanges): void {
    for (const manifest of manifests) this.local.set(manifest.base.id, manifest);
    for (const id of deletedManifests) this.local.delete(id);
  }

  #fetch(id: VlobId): boolean {
    const local = this.local.get(id);
    if (local !== undefined && !isForgotten(local)) return true;
    const remote = this.#server.latest(id);
    if (remote === undefined) return false;
    const manifest =
      remote.type === "file_manifest"
        ? localFileManifestFromRemote(remote)
        : localFolderManifestFromRemote(remote, pattern);
    this.local.set(id, local === undefined ? manifest : remembered(manifest, local));
    this.#remoteVersions.set(id, remote.version);
    return true;
  }

  get #context(): TreeContext & TakeInContext {
    const find = async (id: VlobId) => (this.#fetch(id) ? this.local.get(id) : undefined);
    return {
      realmId,
      pattern,
      deviceId: this.id,
      tree: this.#tree,
      sent: this.#sent,
      openFiles: { isOpen: () => false, isBeingWritten: () => false },
      session: {
        workspaceInfo: () => ({ role: "OWNER", archiving: { type: "AVAILABLE" } }),
      },
      manifests: {
        getReadable: async (id) => this.local.get(id),
        find,
        dirtyIds: async () => this.dirty(),
        all: () => this.#all(),
        formerNames: async (folderId, ids) => this.#formerNames(folderId, ids),
        folders: async () => new Map([...this.local].flatMap(([id, entry]) => (isFolder(entry) ? [[id, entry]] : []))),
      },
      lostAndFoundName: EntryName.parse("lost+found"),
      canWrite: () => true,
    };
  }

  async *#all(): AsyncGenerator<LocalManifest, void, undefined> {
    yield* [...this.local.values()];
  }

  #formerNames(folderId: VlobId, ids: ReadonlySet<VlobId>): ReadonlyMap<VlobId, EntryName> {
    const names = new Map<VlobId, EntryName>();
    const version = this.local.get(folderId)?.base.version ?? 0;
    for (const folder of this.#server.versions.get(folderId)?.slice(0, Math.max(0, version - 1)) ?? []) {
      if (folder.type !== "folder_manifest") continue;
      for (const [name, id] of folder.children) if (ids.has(id)) names.set(id, name);
    }
    return names;
  }

  readonly #source = { getLocal: async (id: VlobId) => this.local.get(id) };

  // --- What a user does

  createFolder(path: FsPath): Promise<VlobId> {
    return createFolder(this.#context, path);
  }

  /** Gives the id of the file, and the word that it had before. */
  writeFile(path: FsPath, word: string): Promise<{ id: VlobId; before: string | undefined }> {
    return changeParent(this.#context, path, async ({ draft, parent, name }) => {
      const child = await childOf({ realmId }, draft, parent, name);
      if (child !== undefined && !isFile(child)) throw new WorkspaceError("ENTRY_IS_FOLDER", "a folder is there");
      const file = child ?? newLocalFileManifest(this.id, parent.base.id, draft.now);
      draft.put({ ...file, ...this.#contentOf(word), needSync: true, updated: draft.now });
      if (child === undefined) await draft.bind(parent.base.id, name, file.base.id);
      return { id: file.base.id, before: child === undefined ? undefined : this.#wordOf(child) };
    });
  }

  move(from: FsPath, to: FsPath, options: MoveOptions = {}): Promise<void> {
    return move(this.#context, from, to, options);
  }

  remove(path: FsPath): Promise<void> {
    return remove(this.#context, path, { recursive: true });
  }

  #contentOf(word: string): Pick<LocalFileManifest, "size" | "blocks"> {
    const bytes = utf8(word);
    const digest = HashDigest.of(bytes);
    this.#words.set(digest.hex, word);
    return { size: bytes.length, blocks: [[promoteAsBlock(newChunkView(0, bytes.length), digest)]] };
  }

  #wordOf(file: LocalFileManifest): string {
    const digest = file.blocks[0]?.[0]?.access?.digest;
    return (digest === undefined ? undefined : this.#words.get(digest.hex)) ?? "";
  }

  /** Everything that the paths of this device show, below `top`. Asks the server for what is not here. */
  see(top: FsPath = FsPath.root, topId: VlobId = realmId): ReadonlyMap<FsPath, SeenEntry> {
    const seen = new Map<FsPath, SeenEntry>();
    const left: { path: FsPath; id: VlobId }[] = [{ path: top, id: topId }];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const entry = this.#fetch(next.id) ? this.local.get(next.id) : undefined;
      if (entry === undefined) continue;
      if (next.id !== realmId)
        seen.set(next.path, { id: next.id, word: isFile(entry) ? this.#wordOf(entry) : undefined });
      if (!isFolder(entry)) continue;
      for (const [name, id] of entry.children) {
        const child = this.#fetch(id) ? this.local.get(id) : undefined;
        if (child === undefined || !isValidChild({ realmId }, entry, child)) continue;
        left.push({ path: FsPath.join(next.path, name), id });
      }
    }
    return seen;
  }

  // --- What the engine does

  dirty(): VlobId[] {
    return [...this.local.values()].filter(({ needSync }) => needSync).map(({ base }) => base.id);
  }

  /** Entries that wait for an upload and can go. */
  async waiting(): Promise<VlobId[]> {
    const waiting: VlobId[] = [];
    for (const id of this.dirty()) if (await this.#isShared(id)) waiting.push(id);
    return waiting;
  }

  /** Entries that wait for an upload, and that no path leads to. */
  async lost(): Promise<VlobId[]> {
    const lost: VlobId[] = [];
    for (const id of this.dirty()) if (!(await isReachable(this.#source, realmId, id))) lost.push(id);
    return lost;
  }

  /** Entries of which the server is known to have a newer version. */
  poll(): VlobId[] {
    for (const id of this.#server.log.slice(this.#checkpoint)) {
      if (this.local.has(id)) this.#remoteVersions.set(id, this.#server.versions.get(id)?.length ?? 0);
    }
    this.#checkpoint = this.#server.log.length;
    const newer = [...this.#remoteVersions].filter(
      ([id, version]) => version > (this.local.get(id)?.base.version ?? version),
    );
    return newer.map(([id]) => id);
  }

  /** Merges these entries in this order, and settles unless the process ends before. */
  async pull(ids: readonly VlobId[], settle = true): Promise<void> {
    const takeIn = this.#takeIn;
    await Promise.all(
      ids.map(async (id) => {
        const remote = this.#server.latest(id);
        if (remote !== undefined) await takeIn.merge(remote);
      }),
    );
    if (settle) await takeIn.settle();
    else this.#takeIn = new TakeIn(this.#context);
  }

  /** Uploads an entry as it is; says whether the server took it. Its answer may get lost. */
  async push(id: VlobId, answer: "arrives" | "is lost" = "arrives"): Promise<boolean> {
    const local = this.local.get(id);
    if (local?.needSync !== true || !(await this.#isShared(id))) return false;
    const date = this.#server.tick();
    const remote = isFolder(local)
      ? localFolderManifestToRemote(local, this.id, date)
      : localFileManifestToRemote(local, this.id, date);
    this.#sent.remember(remote, local);
    if (!this.#server.accept(remote)) return false;
    if (answer === "is lost") return true;
    this.#remoteVersions.set(id, remote.version);
    await this.#tree.change((draft) => acknowledge(this.#context, draft, local, remote));
    return true;
  }

  async #isShared(id: VlobId): Promise<boolean> {
    if (!(await isReachable(this.#source, realmId, id))) return false;
    for (let current = id; current !== realmId; ) {
      const parent = this.local.get(this.local.get(current)?.parent ?? realmId);
      if (parent === undefined || !isFolder(parent) || parent.localConfinementPoints.has(current)) return false;
      current = parent.base.id;
    }
    return true;
  }

  /** What is in memory only is gone. */
  restart(): void {
    this.#sent = new SentVersions();
    this.#tree = this.#makeTree();
    this.#takeIn = new TakeIn(this.#context);
  }

  /** As `sync()`: the newer versions first, then what waits here, files before folders and deep ones first. */
  async sync(): Promise<boolean> {
    let didAnything = false;
    for (let merges = 0; merges < 8; merges += 1) {
      const news = this.poll();
      const versionOf = (id: VlobId) => this.local.get(id)?.base.version;
      const before = news.map(versionOf);
      await this.pull(news);
      // What is confined, or on its way, is not taken in.
      const taken = news.filter((id, index) => versionOf(id) !== before[index]);
      const depth = (id: VlobId): number => {
        const entry = this.local.get(id);
        if (entry === undefined || !isFolder(entry)) return 1000;
        let steps = 0;
        for (let at = entry; at.base.id !== realmId && steps < 50; steps += 1) {
          const parent = this.local.get(at.parent);
          if (parent === undefined || !isFolder(parent)) break;
          at = parent;
        }
        return steps;
      };
      const waiting = await this.waiting();
      didAnything ||= taken.length + waiting.length > 0;
      if (taken.length + waiting.length === 0) break;
      for (const id of waiting.sort((a, b) => depth(b) - depth(a))) await this.push(id);
    }
    return didAnything;
  }
}

export function deviceIds(count: number): readonly DeviceId[] {
  return Array.from({ length: count }, (_, index) => uuid(DeviceId, `de10${index}000-0000-4000-8000-000000000000`));
}
