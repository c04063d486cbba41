import { fromHex } from "@parsec/base";
import { HashDigest } from "@parsec/crypto";
import {
  type BlockAccess,
  BlockId,
  ChunkId,
  type ChunkView,
  DateTime,
  DeviceId,
  EntryName,
  type FileManifest,
  type FileManifestOrigin,
  type FolderManifest,
  type LocalFileManifest,
  type LocalFolderManifest,
  VlobId,
} from "@parsec/types";

// The JSON of test/vectors/filesystem.json as typed values. Short ids of the file (`c1`) are padded with zeros.

interface JsonAccess {
  readonly id?: string;
  readonly offset: number;
  readonly size: number;
  readonly digest?: string;
}
interface JsonView {
  readonly id: string;
  readonly start: number;
  readonly stop: number;
  readonly raw_offset: number;
  readonly raw_size: number;
  readonly access: JsonAccess | null;
}
type JsonOrigin = { readonly type: string; readonly channel_id?: string; readonly timestamp?: string } | null;
interface JsonCommon {
  readonly author: string;
  readonly timestamp: string;
  readonly id: string;
  readonly parent: string;
  readonly version: number;
  readonly created: string;
  readonly updated: string;
}
export interface JsonContent {
  readonly size: number;
  readonly blocksize: number;
}
export type JsonFile = JsonCommon &
  JsonContent & { readonly blocks: readonly JsonAccess[]; readonly origin: JsonOrigin };
export type JsonFolder = JsonCommon & { readonly children: Readonly<Record<string, string | undefined>> };
interface JsonLocal {
  readonly parent: string;
  readonly need_sync: boolean;
  readonly updated: string;
}
export type JsonLocalFile = JsonLocal &
  JsonContent & {
    readonly base: JsonFile;
    readonly blocks: readonly (readonly JsonView[])[];
    readonly origin: JsonOrigin;
  };
export type JsonLocalFolder = JsonLocal & {
  readonly base: JsonFolder;
  readonly children: Readonly<Record<string, string | undefined>>;
  readonly local_confinement_points: readonly string[];
  readonly remote_confinement_points: readonly string[];
  readonly speculative: boolean;
};

function known<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`bad vector: ${text}`);
  return value;
}

const pad = (text: string) => (text.length < 32 ? text.padStart(32, "0") : text);
export const vlobId = (text: string) => known(VlobId.parse(pad(text)), text);
export const chunkId = (text: string) => known(ChunkId.parse(pad(text)), text);
export const deviceId = (text: string) => known(DeviceId.parse(text), text);
export const time = (text: string) => DateTime.parseRfc3339(text);

const digest = (hex: string | undefined) => HashDigest.fromBytes(known(fromHex(hex ?? "00".repeat(32)), "digest"));

export const access = ({ id, offset, size, digest: hex }: JsonAccess): BlockAccess => ({
  id: known(BlockId.parse(pad(id ?? "0")), "block"),
  offset,
  size,
  digest: digest(hex),
});

export const view = (json: JsonView): ChunkView => ({
  id: chunkId(json.id),
  start: json.start,
  stop: json.stop,
  rawOffset: json.raw_offset,
  rawSize: json.raw_size,
  access: json.access === null ? null : access(json.access),
});

export const slots = (json: readonly (readonly JsonView[])[]) => json.map((slot) => slot.map(view));

function origin(json: JsonOrigin): FileManifestOrigin {
  if (json === null) return { type: "DEFAULT" };
  const { channel_id: channelId = "", timestamp = "" } = json;
  return { type: "CRYPTPAD", channelId, timestamp: time(timestamp) };
}

const common = (json: JsonCommon) => ({
  author: deviceId(json.author),
  timestamp: time(json.timestamp),
  id: vlobId(json.id),
  parent: vlobId(json.parent),
  version: json.version,
  created: time(json.created),
  updated: time(json.updated),
});

export const file = (json: JsonFile): FileManifest => ({
  type: "file_manifest",
  ...common(json),
  size: json.size,
  blocksize: json.blocksize,
  blocks: json.blocks.map(access),
  origin: origin(json.origin),
});

const children = (json: JsonFolder["children"]) =>
  new Map(Object.entries(json).map(([name, id]) => [EntryName.parse(name), vlobId(id ?? "")] as const));

export const folder = (json: JsonFolder): FolderManifest => ({
  type: "folder_manifest",
  ...common(json),
  children: children(json.children),
});

const local = (json: JsonLocal) => ({
  parent: vlobId(json.parent),
  needSync: json.need_sync,
  updated: time(json.updated),
});

export const localFile = (json: JsonLocalFile): LocalFileManifest => ({
  type: "local_file_manifest",
  base: file(json.base),
  ...local(json),
  size: json.size,
  blocksize: json.blocksize,
  blocks: slots(json.blocks),
  origin: origin(json.origin),
});

export const localFolder = (json: JsonLocalFolder): LocalFolderManifest => ({
  type: "local_folder_manifest",
  base: folder(json.base),
  ...local(json),
  children: children(json.children),
  localConfinementPoints: new Set(json.local_confinement_points.map(vlobId)),
  remoteConfinementPoints: new Set(json.remote_confinement_points.map(vlobId)),
  speculative: json.speculative,
});
