import { HashDigest } from "@parsec/crypto";
import file from "../../../../test/vectors/filesystem.json" with { type: "json" };
import * as t from "../../src/index.ts";

/** Name to hyphenated id. */
export type Children = Readonly<Record<string, string>>;

/** Children and sets of a local folder manifest, as the cases hold them. */
export interface FolderCase {
  readonly title: string;
  readonly children?: Children;
  readonly base_children?: Children;
  readonly local_children?: Children;
  readonly remote_children?: Children;
  readonly changes?: Readonly<Record<string, string | null>>;
  readonly local_confinement_points?: readonly string[];
  readonly remote_confinement_points?: readonly string[];
  readonly need_sync?: boolean;
  readonly updated?: string;
  readonly pattern?: string;
  readonly timestamp?: string;
  readonly expected?: unknown;
  readonly expected_children?: Children;
}

export interface ViewCase {
  readonly id?: string;
  readonly start: number;
  readonly stop: number;
  readonly raw_offset: number;
  readonly raw_size: number;
  readonly access?: { readonly offset: number; readonly size: number } | null;
}

export interface BlockCase {
  readonly id?: string;
  readonly offset: number;
  readonly size: number;
}

export interface FileCase {
  readonly title: string;
  readonly blocksize: number;
  readonly size: number;
  readonly slots?: readonly (readonly ViewCase[])[];
  readonly blocks?: readonly BlockCase[];
  readonly valid?: boolean;
  readonly violates?: string;
}

interface PayloadCase {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly encrypted_hex: string;
  readonly msgpack_hex: string;
  /** There when the payload must be refused. */
  readonly expected_error?: string;
}

/** The part of the file that concerns pure documents. */
export const filesystem = file as unknown as {
  readonly local_manifest_payloads: { readonly key_hex: string; readonly cases: readonly PayloadCase[] };
  readonly chunk_is_block: readonly (ViewCase & { readonly aligned: boolean; readonly is_block: boolean })[];
  readonly file_from_remote_slots: readonly FileCase[];
  readonly local_file_integrity: readonly FileCase[];
  readonly remote_file_integrity: readonly FileCase[];
  readonly folder_from_remote: readonly FolderCase[];
  readonly folder_from_remote_restoring_local_confinement: readonly FolderCase[];
  readonly folder_to_remote: { readonly cases: readonly FolderCase[] };
  readonly folder_evolve_children: readonly FolderCase[];
  readonly folder_apply_prevent_sync_pattern: readonly FolderCase[];
};

export const author = t.DeviceId.generate();
export const folderId = t.VlobId.generate();
export const parentId = t.VlobId.generate();

/** `t1`, `t2`… */
export function instant(name = "t1"): t.DateTime {
  return t.DateTime.fromMicros(Number(name.slice(1)) * 1_000_000);
}

function vlobId(text: string): t.VlobId {
  const id = t.VlobId.parse(text);
  if (id === undefined) throw new Error("not an id");
  return id;
}

/** A block id that tells cases apart: `b1`, or nothing. */
function blockId(name = "b0"): t.BlockId {
  return t.BlockId.parse(name.charCodeAt(0).toString(16) + name.slice(1).padStart(30, "0")) ?? t.BlockId.generate();
}

export function childrenOf(children: Children = {}): Map<t.EntryName, t.VlobId> {
  return new Map(Object.entries(children).map(([name, id]) => [t.EntryName.parse(name), vlobId(id)]));
}

export function changesOf(changes: Readonly<Record<string, string | null>> = {}): t.ChildrenChanges {
  const entries = Object.entries(changes);
  return new Map(entries.map(([name, id]) => [t.EntryName.parse(name), id === null ? null : vlobId(id)]));
}

export function idsOf(ids: readonly string[] = []): Set<t.VlobId> {
  return new Set(ids.map(vlobId));
}

export function folderManifest(children: Children = {}): t.FolderManifest {
  return {
    type: "folder_manifest",
    author,
    timestamp: instant(),
    id: folderId,
    parent: parentId,
    version: 3,
    created: instant("t0"),
    updated: instant(),
    children: childrenOf(children),
  };
}

/** A manifest in the form of the cases. */
export function folderState(manifest: t.LocalFolderManifest): unknown {
  const shown = (id: t.VlobId) => t.VlobId.display(id);
  return {
    children: Object.fromEntries([...manifest.children].map(([name, id]) => [name, shown(id)])),
    local_confinement_points: [...manifest.localConfinementPoints].map(shown).sort(),
    remote_confinement_points: [...manifest.remoteConfinementPoints].map(shown).sort(),
    need_sync: manifest.needSync,
    updated: `t${manifest.updated / 1_000_000}`,
  };
}

const digest = () => HashDigest.fromBytes(new Uint8Array(32));

export function chunkView(view: ViewCase): t.ChunkView {
  const { start, stop, raw_offset: rawOffset, raw_size: rawSize, access } = view;
  const id = blockId(view.id);
  return {
    id: t.chunkIdOfBlock(id),
    start,
    stop,
    rawOffset,
    rawSize,
    access: access === null || access === undefined ? null : { ...access, id, digest: digest() },
  };
}

export function fileManifest({ blocksize, size, blocks = [] }: FileCase): t.FileManifest {
  return {
    type: "file_manifest",
    author,
    timestamp: instant(),
    id: folderId,
    parent: parentId,
    version: 3,
    created: instant("t0"),
    updated: instant(),
    size,
    blocksize,
    blocks: blocks.map((block) => ({ ...block, id: blockId(block.id), digest: digest() })),
    origin: { type: "DEFAULT" },
  };
}
