import { type DateTime, type DeviceId, type EntryName, type FileManifest, FsPath, type VlobId } from "@parsec/types";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { HistorySource, SourceOptions } from "./source.ts";
import { VersionFacts } from "./version-facts.ts";

/** An entry as it was. Dates are in microseconds since the Unix epoch. */
export interface HistoryStat {
  readonly kind: "file" | "folder";
  readonly id: VlobId;
  readonly parent: VlobId;
  readonly created: DateTime;
  readonly updated: DateTime;
  readonly version: number;
  /** The device that wrote the version. */
  readonly lastUpdater: DeviceId;
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

export type HistoryEntry = HistoryStat & { readonly name: EntryName };

/** The tree of a workspace at any moment, as its history tells. What was asked once is remembered. */
export class HistoryTree {
  readonly source: HistorySource;
  readonly #facts = new Map<VlobId, VersionFacts<RemoteManifest>>();

  constructor(source: HistorySource) {
    this.source = source;
    this.#factsOf(source.realmId).addVersion(source.lowerBound, source.firstRoot);
  }

  /**
   * The entry at that moment. @throws WorkspaceError ENTRY_NOT_FOUND; HistoryError INVALID_HISTORY; what reading throws
   */
  async get(id: VlobId, at: DateTime, options: SourceOptions): Promise<RemoteManifest> {
    const [found] = await this.getAll([id], at, options);
    if (found === undefined) throw entryNotFound(id, id);
    return found;
  }

  /** Those of many entries that were there at that moment. */
  async getAll(ids: readonly VlobId[], at: DateTime, options: SourceOptions): Promise<readonly RemoteManifest[]> {
    const unknown = ids.filter((id) => this.#factsOf(id).resolve(at) === "unknown");
    if (unknown.length > 0) {
      const missing = new Set(unknown);
      for (const manifest of await this.source.versionsAt(unknown, at, options)) {
        missing.delete(manifest.id);
        this.#factsOf(manifest.id).addVersion(at, manifest);
      }
      for (const id of missing) this.#factsOf(id).addNotFound(at);
    }
    const found: RemoteManifest[] = [];
    for (const id of ids) {
      const version = this.#factsOf(id).resolve(at);
      if (typeof version === "object") found.push(version);
    }
    return found;
  }

  /** @throws WorkspaceError ENTRY_NOT_FOUND; HistoryError INVALID_HISTORY; what reading throws */
  async resolve(path: FsPath, at: DateTime, options: SourceOptions): Promise<RemoteManifest> {
    let current = await this.get(this.source.realmId, at, options);
    for (const name of FsPath.names(path)) {
      const id = current.type === "folder_manifest" ? current.children.get(name) : undefined;
      const [child] = id === undefined ? [] : await this.getAll([id], at, options);
      if (child === undefined || !this.isChild(current, child)) throw entryNotFound(path);
      current = child;
    }
    return current;
  }

  /** The entries of a folder, by ascending name. @throws WorkspaceError ENTRY_IS_FILE; what reading throws */
  async list(folder: RemoteManifest, at: DateTime, options: SourceOptions): Promise<readonly HistoryEntry[]> {
    if (folder.type === "file_manifest") {
      throw new WorkspaceError("ENTRY_IS_FILE", "A file holds no entries", { entryId: folder.id });
    }
    const children = await this.getAll([...folder.children.values()], at, options);
    const byId = new Map(children.map((child) => [child.id, child]));
    const entries: HistoryEntry[] = [];
    for (const [name, id] of folder.children) {
      const child = byId.get(id);
      if (child !== undefined && this.isChild(folder, child)) entries.push({ name, ...historyStat(child) });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether parent and child name each other. */
  isChild(folder: RemoteManifest, child: RemoteManifest): boolean {
    return child.parent === folder.id && child.id !== this.source.realmId;
  }

  #factsOf(id: VlobId): VersionFacts<RemoteManifest> {
    let facts = this.#facts.get(id);
    if (facts === undefined) {
      facts = new VersionFacts(id);
      this.#facts.set(id, facts);
    }
    return facts;
  }
}

export function historyStat(manifest: RemoteManifest): HistoryStat {
  const { id, parent, created, updated, version, author } = manifest;
  const [kind, size] =
    manifest.type === "file_manifest" ? (["file", manifest.size] as const) : (["folder", 0] as const);
  return { kind, id, parent, created, updated, version, lastUpdater: author, size };
}

/** @throws WorkspaceError ENTRY_IS_FOLDER */
export function asHistoryFile(path: string, manifest: RemoteManifest): FileManifest {
  if (manifest.type === "file_manifest") return manifest;
  throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} was a folder: it has no content`, { entryId: manifest.id });
}
