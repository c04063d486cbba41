import { BlockId, ChunkId, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import {
  type ChunkInfo,
  type DeviceDatabases,
  initialPattern,
  type PageCursor,
  type VlobRow,
  type WorkspaceDatabase,
} from "../../src/driver/port.ts";

const bytes = (...values: number[]) => Uint8Array.of(...values);

/** Ids of all manifests, or of those after a page. */
async function idsInPages(workspace: WorkspaceDatabase, limit: number, after?: PageCursor): Promise<VlobId[]> {
  const ids: VlobId[] = [];
  let cursor = after;
  do {
    const { items, next } = await workspace.vlobs(cursor, limit);
    ids.push(...items.map(({ id }) => id));
    cursor = next;
  } while (cursor !== undefined);
  return ids;
}

function sorted(infos: readonly ChunkInfo[]): readonly ChunkInfo[] {
  return infos.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function infosOf(workspace: WorkspaceDatabase): Promise<readonly ChunkInfo[]> {
  return sorted(await workspace.chunkInfos());
}

/** How a contract gets at the device of its driver. */
export interface DeviceUnderTest {
  open(): Promise<DeviceDatabases>;
  reopen(device: DeviceDatabases): Promise<DeviceDatabases>;
  readonly realmId: VlobId;
}

/** The part of the contract that is about workspaces. */
export function workspaceContract({ open, reopen, realmId }: DeviceUnderTest): void {
  describe("a workspace", () => {
    const ids = Array.from({ length: 5 }, () => VlobId.generate());
    const [v1, v2, v3, v4] = ids as [VlobId, VlobId, VlobId, VlobId];
    const vlob = (id: VlobId, base: number, remote: number, needSync: boolean): VlobRow => ({
      id,
      baseVersion: base,
      remoteVersion: remote,
      needSync,
      blob: bytes(base, remote),
    });
    const chunkIds = Array.from({ length: 4 }, () => ChunkId.generate()) as [ChunkId, ChunkId, ChunkId, ChunkId];
    const blockIds = Array.from({ length: 4 }, () => BlockId.generate()) as [BlockId, BlockId, BlockId, BlockId];

    async function openWorkspace(): Promise<WorkspaceDatabase> {
      return (await open()).openWorkspace(realmId);
    }

    test("starts with checkpoint 0, the initial pattern, and nothing else", async () => {
      const workspace = await openWorkspace();
      expect(await workspace.checkpoint()).toBe(0);
      expect(await workspace.pattern()).toEqual(initialPattern);
      expect(await workspace.vlobs(undefined, 10)).toEqual({ items: [], next: undefined });
      expect(await workspace.outboundCount()).toBe(0);
      expect(await workspace.chunkInfos()).toEqual([]);
      expect(await workspace.blockIds()).toEqual([]);
    });

    test("keeps everything over a new start", async () => {
      const device = await open();
      const workspace = await device.openWorkspace(realmId);
      await workspace.apply([
        { kind: "put_checkpoint", checkpoint: 7 },
        { kind: "put_pattern", pattern: { pattern: "^a$", fullyApplied: true } },
        { kind: "put_vlob", row: vlob(v1, 1, 2, true) },
        { kind: "put_chunk", chunk: { id: chunkIds[0], data: bytes(1, 2, 3) } },
      ]);
      await workspace.applyToCache([
        { kind: "put_block", block: { id: blockIds[0], data: bytes(4), accessedOn: 1_795_255_819_767_464 } },
      ]);
      const again = await (await reopen(device)).openWorkspace(realmId);
      expect(await again.checkpoint()).toBe(7);
      expect(await again.pattern()).toEqual({ pattern: "^a$", fullyApplied: true });
      expect(await again.vlob(v1)).toEqual(vlob(v1, 1, 2, true));
      expect(await again.chunk(chunkIds[0])).toEqual(bytes(1, 2, 3));
      expect(await again.block(blockIds[0])).toEqual(bytes(4));
    });

    test("is its own: realms do not mix, and a removed one is empty", async () => {
      const device = await open();
      const otherRealm = VlobId.generate();
      const workspace = await device.openWorkspace(realmId);
      const other = await device.openWorkspace(otherRealm);
      await workspace.apply([{ kind: "put_vlob", row: vlob(v1, 1, 1, false) }]);
      await other.apply([{ kind: "put_vlob", row: vlob(v2, 1, 1, false) }]);
      expect((await workspace.vlobs(undefined, 9)).items).toEqual([vlob(v1, 1, 1, false)]);
      await workspace.close();
      await device.removeWorkspace(realmId);
      await device.removeWorkspace(realmId);
      expect((await other.vlobs(undefined, 9)).items).toEqual([vlob(v2, 1, 1, false)]);
      expect((await (await device.openWorkspace(realmId)).vlobs(undefined, 9)).items).toEqual([]);
    });

    test("vlobs: replaced, paged in a stable order, found by what they need", async () => {
      const workspace = await openWorkspace();
      await workspace.apply([
        { kind: "put_vlob", row: vlob(v1, 1, 1, false) },
        { kind: "put_vlob", row: vlob(v2, 1, 3, true) },
        { kind: "put_vlob", row: vlob(v3, 4, 2, false) },
        { kind: "put_vlob", row: vlob(v1, 2, 2, true) },
      ]);
      expect(await workspace.vlob(v1)).toEqual(vlob(v1, 2, 2, true));
      expect(await workspace.vlob(v4)).toBeUndefined();
      expect(await workspace.remoteVersion(v3)).toBe(2);
      expect(await workspace.remoteVersion(v4)).toBeUndefined();
      const all = await idsInPages(workspace, 10);
      expect(new Set(all)).toEqual(new Set([v1, v2, v3]));
      expect(await idsInPages(workspace, 1)).toEqual(all);
      expect(await idsInPages(workspace, 2)).toEqual(all);
      expect(await idsInPages(workspace, 3)).toEqual(all);
      expect((await workspace.vlobs(undefined, 0)).items).toEqual([]);
      expect(new Set(await workspace.inboundNeedSync(9))).toEqual(new Set([v2, v3]));
      expect(new Set(await workspace.outboundNeedSync(9))).toEqual(new Set([v1, v2]));
      expect(await workspace.inboundNeedSync(1)).toHaveLength(1);
      expect(await workspace.inboundNeedSync(0)).toEqual([]);
      expect(await workspace.outboundNeedSync(0)).toEqual([]);
      expect(await workspace.outboundCount()).toBe(2);
    });

    test("vlobs that come, change and go between two pages: each that stays is given once", async () => {
      const workspace = await openWorkspace();
      const stay = Array.from({ length: 6 }, () => VlobId.generate());
      const go = Array.from({ length: 3 }, () => VlobId.generate());
      const rows = [...stay, ...go].map((id) => ({ kind: "put_vlob", row: vlob(id, 1, 1, false) }) as const);
      await workspace.apply(rows);
      const first = await workspace.vlobs(undefined, 4);
      await workspace.apply([
        ...go.map((id) => ({ kind: "delete_vlob", id }) as const),
        ...stay.map((id) => ({ kind: "put_vlob", row: vlob(id, 2, 2, true) }) as const),
        { kind: "put_vlob", row: vlob(v1, 1, 1, false) },
      ]);
      const rest = first.next === undefined ? [] : await idsInPages(workspace, 2, first.next);
      const all = [...first.items.map(({ id }) => id), ...rest];
      expect(all).toHaveLength(new Set(all).size);
      expect(all).toEqual(expect.arrayContaining(stay));
    });

    test("vlobs that are deleted need nothing more", async () => {
      const workspace = await openWorkspace();
      await workspace.apply([
        { kind: "put_vlob", row: vlob(v1, 1, 2, true) },
        { kind: "put_vlob", row: vlob(v2, 1, 2, true) },
      ]);
      expect(await workspace.outboundCount()).toBe(2);
      await workspace.apply([
        { kind: "delete_vlob", id: v1 },
        { kind: "delete_vlob", id: v3 },
        { kind: "set_remote_version", id: v2, remoteVersion: 1 },
      ]);
      expect(await workspace.vlob(v1)).toBeUndefined();
      expect(await workspace.outboundNeedSync(9)).toEqual([v2]);
      expect(await workspace.inboundNeedSync(9)).toEqual([]);
      expect(await workspace.outboundCount()).toBe(1);
    });

    test("remote versions: set as told, unknown ids passed over", async () => {
      const workspace = await openWorkspace();
      await workspace.apply([
        { kind: "put_vlob", row: vlob(v1, 3, 5, false) },
        { kind: "set_remote_version", id: v1, remoteVersion: 3 },
        { kind: "set_remote_version", id: v2, remoteVersion: 9 },
      ]);
      expect(await workspace.vlob(v1)).toEqual({ ...vlob(v1, 3, 5, false), remoteVersion: 3 });
      expect(await workspace.vlob(v2)).toBeUndefined();
      expect(await workspace.inboundNeedSync(9)).toEqual([]);
    });

    test("chunks: replaced, deleted, counted with their stored size; writes apply in order", async () => {
      const workspace = await openWorkspace();
      await workspace.apply([
        { kind: "put_chunk", chunk: { id: chunkIds[0], data: bytes(1) } },
        { kind: "put_chunk", chunk: { id: chunkIds[1], data: bytes(1, 2, 3) } },
        { kind: "put_chunk", chunk: { id: chunkIds[0], data: bytes(1, 2) } },
        { kind: "put_chunk", chunk: { id: chunkIds[2], data: bytes(1, 2, 3, 4) } },
        { kind: "delete_chunk", id: chunkIds[2] },
        { kind: "delete_chunk", id: chunkIds[3] },
        { kind: "put_vlob", row: vlob(v1, 0, 0, true) },
      ]);
      expect(await workspace.chunk(chunkIds[0])).toEqual(bytes(1, 2));
      expect(await workspace.chunk(chunkIds[2])).toBeUndefined();
      expect(await infosOf(workspace)).toEqual(
        sorted([
          { id: chunkIds[0], size: 2, sent: false },
          { id: chunkIds[1], size: 3, sent: false },
        ]),
      );
      expect(await workspace.outboundCount()).toBe(1);
    });

    test("chunks: the mark of those that the server has, over a new start, until they are replaced", async () => {
      const device = await open();
      const workspace = await device.openWorkspace(realmId);
      const put = (index: 0 | 1, ...values: number[]) =>
        ({ kind: "put_chunk", chunk: { id: chunkIds[index], data: bytes(...values) } }) as const;
      await workspace.apply([put(0, 1), put(1, 2)]);
      await workspace.apply([
        { kind: "mark_chunk_sent", id: chunkIds[0] },
        { kind: "mark_chunk_sent", id: chunkIds[3] },
      ]);
      const again = await (await reopen(device)).openWorkspace(realmId);
      expect(await again.chunk(chunkIds[0])).toEqual(bytes(1));
      expect(await infosOf(again)).toEqual(
        sorted([
          { id: chunkIds[0], size: 1, sent: true },
          { id: chunkIds[1], size: 1, sent: false },
        ]),
      );
      await again.apply([put(0, 1, 2)]);
      expect((await infosOf(again)).map(({ sent }) => sent)).toEqual([false, false]);
    });

    test("chunks and blocks never mix", async () => {
      const workspace = await openWorkspace();
      const chunk = chunkIds[0];
      const block = BlockId.parse(chunk);
      if (block === undefined) throw new Error("not an id");
      await workspace.apply([{ kind: "put_chunk", chunk: { id: chunk, data: bytes(1) } }]);
      expect(await workspace.block(block)).toBeUndefined();
      await workspace.applyToCache([{ kind: "put_block", block: { id: block, data: bytes(2), accessedOn: 1 } }]);
      expect(await workspace.chunk(chunk)).toEqual(bytes(1));
      expect(await workspace.block(block)).toEqual(bytes(2));
      await workspace.apply([{ kind: "delete_chunk", id: chunk }]);
      expect(await workspace.block(block)).toEqual(bytes(2));
    });

    test("chunks become blocks, in the place of older ones", async () => {
      const workspace = await openWorkspace();
      const [first, second] = [chunkIds[0], chunkIds[1]].map((id) => BlockId.parse(id));
      if (first === undefined || second === undefined) throw new Error("not an id");
      await workspace.apply([
        { kind: "put_chunk", chunk: { id: chunkIds[0], data: bytes(1) } },
        { kind: "put_chunk", chunk: { id: chunkIds[1], data: bytes(2) } },
        { kind: "mark_chunk_sent", id: chunkIds[1] },
      ]);
      await workspace.applyToCache([{ kind: "put_block", block: { id: first, data: bytes(9), accessedOn: 1 } }]);
      await workspace.moveChunksToBlocks([chunkIds[0], chunkIds[2], chunkIds[1]], 5, []);
      await workspace.moveChunksToBlocks([], 5, []);
      expect(await workspace.chunk(chunkIds[0])).toBeUndefined();
      expect(await workspace.chunkInfos()).toEqual([]);
      expect(await workspace.block(first)).toEqual(bytes(1));
      expect(await workspace.block(second)).toEqual(bytes(2));
      expect(new Set(await workspace.blockIds())).toEqual(new Set([first, second]));
    });

    test("a chunk that becomes a block is counted with the others", async () => {
      const workspace = await openWorkspace();
      await workspace.apply([{ kind: "put_chunk", chunk: { id: chunkIds[0], data: bytes(1) } }]);
      await workspace.applyToCache([{ kind: "put_block", block: { id: blockIds[1], data: bytes(2), accessedOn: 1 } }]);
      await workspace.moveChunksToBlocks([chunkIds[0]], 5, [{ kind: "evict_blocks", max: 1, slack: 0 }]);
      expect(await workspace.blockIds()).toEqual([chunkIds[0]]);
    });

    test("blocks: one is deleted, an unknown one is passed over", async () => {
      const workspace = await openWorkspace();
      const put = (index: 0 | 1) =>
        ({ kind: "put_block", block: { id: blockIds[index], data: bytes(index), accessedOn: 1 } }) as const;
      await workspace.applyToCache([put(0), put(1)]);
      await workspace.applyToCache([
        { kind: "delete_block", id: blockIds[0] },
        { kind: "delete_block", id: blockIds[2] },
      ]);
      expect(await workspace.block(blockIds[0])).toBeUndefined();
      expect(await workspace.blockIds()).toEqual([blockIds[1]]);
    });

    test("eviction: nothing up to the limit, then the surplus and the slack, the oldest first", async () => {
      const workspace = await openWorkspace();
      const put = (index: 0 | 1 | 2 | 3, accessedOn: number) =>
        ({ kind: "put_block", block: { id: blockIds[index], data: bytes(index), accessedOn } }) as const;
      await workspace.applyToCache([put(0, 1), put(1, 2), put(2, 3), { kind: "evict_blocks", max: 3, slack: 1 }]);
      expect(await workspace.blockIds()).toEqual([blockIds[0], blockIds[1], blockIds[2]]);
      await workspace.applyToCache([
        { kind: "touch_block", id: blockIds[0], accessedOn: 4 },
        { kind: "touch_block", id: BlockId.generate(), accessedOn: 4 },
        put(3, 5),
        { kind: "evict_blocks", max: 3, slack: 1 },
      ]);
      expect(await workspace.blockIds()).toEqual([blockIds[0], blockIds[3]]);
      expect(await workspace.block(blockIds[0])).toEqual(bytes(0));
      await workspace.applyToCache([{ kind: "evict_blocks", max: 0, slack: 0 }]);
      expect(await workspace.blockIds()).toEqual([]);
      await workspace.applyToCache([put(0, 1), put(1, 2), { kind: "delete_all_blocks" }]);
      expect(await workspace.blockIds()).toEqual([]);
    });

    test("content comes back byte by byte", async () => {
      const workspace = await openWorkspace();
      const data = crypto.getRandomValues(new Uint8Array(9_000));
      await workspace.apply([{ kind: "put_chunk", chunk: { id: chunkIds[0], data } }]);
      expect(await workspace.chunk(chunkIds[0])).toEqual(data);
    });
  });
}
