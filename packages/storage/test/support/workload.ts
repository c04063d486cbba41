import { fromHex } from "@parsec/base";
import { BlockId, ChunkId, DeviceId, VlobId } from "@parsec/types";
import type {
  CertificateRow,
  DeviceDatabases,
  UserDatabase,
  VlobRow,
  WorkspaceDatabase,
  WorkspaceWrite,
} from "../../src/driver/port.ts";

// A life of a device in steps, each one call to a driver, for tests that make something go wrong at every place of it.

/** The same in every process. */
const id = (number: number) => number.toString(16).padStart(32, "0");
const parse = <Id>(kind: { fromBytes(bytes: Uint8Array): Id | undefined }, number: number): Id => {
  const parsed = kind.fromBytes(fromHex(id(number)) ?? new Uint8Array());
  if (parsed === undefined) throw new Error("not an id");
  return parsed;
};

export const workDeviceId = parse(DeviceId, 1);
export const workRealmId = parse(VlobId, 2);
const entries = [3, 4, 5].map((number) => parse(VlobId, number));
const chunks = [6, 7, 8, 9].map((number) => parse(ChunkId, number));
const blocks = [6, 7, 8, 9].map((number) => parse(BlockId, number));

export interface Opened {
  readonly device: DeviceDatabases;
  readonly user: UserDatabase;
  readonly workspace: WorkspaceDatabase;
}

export async function openAll(device: DeviceDatabases): Promise<Opened> {
  return { device, user: await device.openUser(workRealmId), workspace: await device.openWorkspace(workRealmId) };
}

const content = (size: number, byte: number) => new Uint8Array(size).fill(byte);

function vlob(index: number, version: number, needSync: boolean): WorkspaceWrite {
  const row = { id: entries[index] ?? workRealmId, baseVersion: version, remoteVersion: version, needSync };
  return { kind: "put_vlob", row: { ...row, blob: content(300, 16 * index + version) } };
}

function chunk(index: number, byte: number): WorkspaceWrite {
  return { kind: "put_chunk", chunk: { id: chunks[index] ?? ChunkId.generate(), data: content(9000, byte) } };
}

function certificate(timestamp: number): CertificateRow {
  return { type: "user", timestamp, filter1: content(16, 1), filter2: null, blob: content(200, timestamp) };
}

const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error("no such id");
  return found;
};

type Step = (opened: Opened) => Promise<unknown>;

/** Several writes in each, so that there is a middle in which to fail. */
export const steps: readonly Step[] = [
  ({ device }) =>
    device.certificates.apply([1, 2, 3].map((time) => ({ kind: "insert_certificate", row: certificate(time) }))),
  ({ user }) =>
    user.apply([
      {
        kind: "put_manifest",
        row: { baseVersion: 0, remoteVersion: 0, needSync: true, blob: content(100, 1) },
      },
      { kind: "put_checkpoint", checkpoint: 3 },
    ]),
  ({ workspace }) => workspace.apply([vlob(0, 0, true), vlob(1, 0, true), chunk(0, 1), chunk(1, 2)]),
  ({ workspace }) =>
    workspace.apply([
      vlob(0, 1, true),
      chunk(2, 3),
      { kind: "delete_chunk", id: at(chunks, 0) },
      { kind: "mark_chunk_sent", id: at(chunks, 1) },
    ]),
  ({ workspace }) =>
    workspace.applyToCache([
      { kind: "put_block", block: { id: at(blocks, 3), data: content(9000, 9), accessedOn: 1 } },
      { kind: "touch_block", id: at(blocks, 3), accessedOn: 2 },
    ]),
  ({ workspace }) => workspace.moveChunksToBlocks([at(chunks, 1), at(chunks, 2)], 5, []),
  ({ workspace }) =>
    workspace.apply([
      { kind: "put_checkpoint", checkpoint: 8 },
      { kind: "set_remote_version", id: at(entries, 0), remoteVersion: 2 },
      { kind: "delete_vlob", id: at(entries, 1) },
      { kind: "put_pattern", pattern: { pattern: "^a$", fullyApplied: true } },
      vlob(2, 4, false),
    ]),
  ({ device }) =>
    device.certificates.apply([
      { kind: "forget_all_certificates" },
      { kind: "insert_certificate", row: certificate(7) },
      { kind: "insert_certificate", row: certificate(8) },
    ]),
  ({ workspace }) => workspace.apply([chunk(3, 4), vlob(2, 5, true), { kind: "delete_chunk", id: at(chunks, 3) }]),
];

/** What the databases hold as one text, the content of chunks apart: that may be in the cache already. */
export async function dataOf({ device, user, workspace }: Opened): Promise<string> {
  const vlobs: (readonly unknown[] | null)[] = [];
  for (const entry of entries) vlobs.push(rowParts(await workspace.vlob(entry)));
  const certificates = await device.certificates.all();
  const { pattern, fullyApplied } = await workspace.pattern();
  return JSON.stringify({
    certificates: certificates.map(({ type, timestamp, blob }) => [type, timestamp, describe(blob)]),
    user: [await user.checkpoint(), rowParts(await user.manifest())],
    checkpoint: await workspace.checkpoint(),
    pattern: [pattern, fullyApplied],
    vlobs,
    outbound: [...(await workspace.outboundNeedSync(9))].sort(),
    inbound: [...(await workspace.inboundNeedSync(9))].sort(),
  });
}

function rowParts(row: Omit<VlobRow, "id"> | undefined): readonly unknown[] | null {
  return row === undefined ? null : [row.baseVersion, row.remoteVersion, row.needSync, describe(row.blob)];
}

/** Where the content under each id is: first bytes of the chunk and of the block. */
export async function contentOf({ workspace }: Opened): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const index of chunks.keys()) {
    const [waiting, cached] = [await workspace.chunk(at(chunks, index)), await workspace.block(at(blocks, index))];
    found.push([describe(waiting), describe(cached)]);
  }
  return found;
}

/** All bytes are alike: so many of which. */
function describe(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : `${bytes.length} of ${[...new Set(bytes)].join()}`;
}
