import {
  DateTime,
  DeviceId,
  EntryName,
  type LocalFileManifest,
  type LocalFolderManifest,
  newLocalFileManifest,
  newLocalFolderManifest,
  newLocalRootManifest,
  PreventSyncPattern,
  VlobId,
} from "@parsec/types";
import type { LocalManifest } from "../../../src/workspace/manifests.ts";
import { SentVersions } from "../../../src/workspace/sync/sent-versions.ts";
import type { TreeChanges } from "../../../src/workspace/tree/draft.ts";
import { TreeLock, type TreeStore } from "../../../src/workspace/tree-lock.ts";

export const deviceId: DeviceId = DeviceId.generate();
export const otherDevice: DeviceId = DeviceId.generate();
export const realmId: VlobId = VlobId.generate();
export const pattern: PreventSyncPattern = PreventSyncPattern.fromGlobs(["*.tmp", "exact"]);
export const start: DateTime = DateTime.fromMicros(1_700_000_000_000_000);

export const later = (seconds: number): DateTime => DateTime.fromMicros(start + seconds * 1_000_000);
export const name = (text: string): EntryName => EntryName.parse(text);

/** Children by name; a name may be given to any id. */
export type Bindings = Readonly<Record<string, VlobId>>;

const asChildren = (bindings: Bindings): ReadonlyMap<EntryName, VlobId> =>
  new Map(Object.entries(bindings).map(([text, id]) => [name(text), id]));

interface Known {
  readonly version?: number;
  readonly author?: DeviceId;
  readonly timestamp?: DateTime;
  readonly needSync?: boolean;
  /** The parent of the base, when another one. */
  readonly from?: VlobId;
}

function known<T extends LocalManifest>(manifest: T, parent: VlobId, options: Known): T {
  const { version = 1, author = deviceId, timestamp = start, needSync = false, from = parent } = options;
  return { ...manifest, needSync, base: { ...manifest.base, version, author, timestamp, parent: from } };
}

/** A folder that the server has. Its children are those of its base unless `was` says otherwise. */
export function folder(
  id: VlobId,
  parent: VlobId,
  children: Bindings = {},
  options: Known & { readonly was?: Bindings } = {},
): LocalFolderManifest {
  const plain = known(newLocalFolderManifest(deviceId, parent, start, id), parent, options);
  const bound = asChildren(children);
  const confined = [...bound].filter(([text]) => pattern.matches(text)).map(([, child]) => child);
  const was =
    options.was === undefined
      ? new Map([...bound].filter(([, child]) => !confined.includes(child)))
      : asChildren(options.was);
  return {
    ...plain,
    base: { ...plain.base, children: was },
    children: bound,
    localConfinementPoints: new Set(confined),
  };
}

export function root(children: Bindings = {}, options: Known & { readonly was?: Bindings } = {}): LocalFolderManifest {
  const stand = newLocalRootManifest(deviceId, realmId, start, { speculative: false });
  const { base, children: bound, localConfinementPoints } = folder(realmId, realmId, children, options);
  return { ...stand, base, children: bound, localConfinementPoints, needSync: options.needSync ?? false };
}

/** A file that the server has. */
export function file(id: VlobId, parent: VlobId, options: Known = {}): LocalFileManifest {
  return known(newLocalFileManifest(deviceId, parent, start, id), parent, options);
}

/** A tree in memory, and the lock of its changes. */
export class MemoryTree {
  readonly local = new Map<VlobId, LocalManifest>();
  readonly lock: TreeLock;
  readonly stored: TreeChanges[] = [];
  readonly announced: LocalManifest[][] = [];
  readonly sent = new SentVersions();
  now: DateTime = start;
  /** Entries to fetch. */
  readonly remote = new Map<VlobId, LocalManifest>();
  fetching: TreeStore["fetchMissing"] = async (ids) => {
    for (const id of ids) {
      const manifest = this.remote.get(id);
      if (manifest !== undefined) this.local.set(id, manifest);
    }
    return new Map(ids.filter((id) => !this.remote.has(id)).map((id) => [id, undefined]));
  };
  storing: (changes: TreeChanges) => Promise<void> = async () => undefined;

  constructor(...manifests: readonly LocalManifest[]) {
    for (const manifest of manifests) this.local.set(manifest.base.id, manifest);
    this.lock = new TreeLock({
      store: {
        getReadable: async (id) => this.local.get(id),
        fetchMissing: (ids, options) => this.fetching(ids, options),
        store: async (changes) => {
          await this.storing(changes);
          this.stored.push(changes);
          for (const manifest of changes.manifests) this.local.set(manifest.base.id, manifest);
          for (const id of changes.deletedManifests) this.local.delete(id);
        },
      },
      pattern,
      now: () => this.now,
      onStored: (manifests) => this.announced.push([...manifests]),
    });
  }

  get context() {
    const openFiles = { isOpen: () => false, isBeingWritten: () => false };
    return { realmId, deviceId, pattern, sent: this.sent, openFiles };
  }

  folder(id: VlobId): LocalFolderManifest {
    const manifest = this.local.get(id);
    if (manifest?.type !== "local_folder_manifest") throw new Error("not a folder");
    return manifest;
  }

  /** The names in a folder, with the ids. */
  names(id: VlobId = realmId): Bindings {
    return Object.fromEntries(this.folder(id).children);
  }
}
