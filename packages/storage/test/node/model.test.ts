import { BlockId, ChunkId, DeviceId, VlobId } from "@parsec/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type BlockWrite,
  type DeviceDatabases,
  memoryDriver,
  type PageCursor,
  type WorkspaceDatabase,
  type WorkspaceWrite,
} from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { temporaryFolder } from "../support/folder.ts";

// Any batches of writes leave SQLite and the memory with the same content, new starts included.

const deviceId = DeviceId.generate();
const realmId = VlobId.generate();
const vlobIds = Array.from({ length: 3 }, () => VlobId.generate());
const chunkIds = Array.from({ length: 3 }, () => ChunkId.generate());
const blockIds = [...chunkIds.map((id) => BlockId.parse(id)), BlockId.generate(), BlockId.generate()].filter(
  (id) => id !== undefined,
);

const small = fc.nat(5);
const blob = fc.uint8Array({ minLength: 1, maxLength: 8 });
const vlobId = fc.constantFrom(...vlobIds);
const chunkId = fc.constantFrom(...chunkIds);
const blockId = fc.constantFrom(...blockIds);

const workspaceWrite: fc.Arbitrary<WorkspaceWrite> = fc.oneof(
  fc.record({ kind: fc.constant("put_checkpoint"), checkpoint: small }),
  fc.record({
    kind: fc.constant("put_pattern"),
    pattern: fc.record({ pattern: fc.string(), fullyApplied: fc.boolean() }),
  }),
  fc.record({
    kind: fc.constant("put_vlob"),
    row: fc.record({ id: vlobId, baseVersion: small, remoteVersion: small, needSync: fc.boolean(), blob }),
  }),
  fc.record({ kind: fc.constant("set_remote_version"), id: vlobId, remoteVersion: small }),
  fc.record({ kind: fc.constant("put_chunk"), chunk: fc.record({ id: chunkId, data: blob }) }),
  fc.record({ kind: fc.constant("delete_chunk"), id: chunkId }),
  fc.record({ kind: fc.constant("mark_chunk_sent"), id: chunkId }),
  fc.record({ kind: fc.constant("delete_vlob"), id: vlobId }),
);

// Access times differ, so that the order of eviction is certain.
let time = 0;
const later = fc.constant(null).map(() => (time += 1));
const blockWrite: fc.Arbitrary<BlockWrite> = fc.oneof(
  fc.record({ kind: fc.constant("put_block"), block: fc.record({ id: blockId, data: blob, accessedOn: later }) }),
  fc.record({ kind: fc.constant("touch_block"), id: blockId, accessedOn: later }),
  fc.record({ kind: fc.constant("delete_block"), id: blockId }),
  fc.record({ kind: fc.constant("delete_all_blocks") }),
  fc.record({ kind: fc.constant("evict_blocks"), max: fc.nat(3), slack: fc.nat(1) }),
);

type Step = (workspace: WorkspaceDatabase) => Promise<unknown>;
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.array(workspaceWrite, { maxLength: 4 }).map(
      (writes): Step =>
        (workspace) =>
          workspace.apply(writes),
    ),
    fc.array(blockWrite, { maxLength: 4 }).map(
      (writes): Step =>
        (workspace) =>
          workspace.applyToCache(writes),
    ),
    fc.tuple(chunkId, later).map(
      ([id, now]): Step =>
        (workspace) =>
          workspace.moveChunksToBlocks([id], now, []),
    ),
  ),
  { maxLength: 12 },
);

async function pagesOf(workspace: WorkspaceDatabase): Promise<VlobId[]> {
  const ids: VlobId[] = [];
  let after: PageCursor | undefined;
  do {
    const { items, next } = await workspace.vlobs(after, 2);
    ids.push(...items.map(({ id }) => id));
    after = next;
  } while (after !== undefined);
  return ids;
}

async function contentOf(workspace: WorkspaceDatabase): Promise<unknown> {
  return {
    checkpoint: await workspace.checkpoint(),
    pattern: await workspace.pattern(),
    vlobs: await Promise.all(vlobIds.map((id) => workspace.vlob(id))),
    inbound: new Set(await workspace.inboundNeedSync(9)),
    outbound: new Set(await workspace.outboundNeedSync(9)),
    pages: new Set(await pagesOf(workspace)),
    outboundCount: await workspace.outboundCount(),
    chunkInfos: new Set(await workspace.chunkInfos()),
    chunks: await Promise.all(chunkIds.map((id) => workspace.chunk(id))),
    blocks: await Promise.all(blockIds.map((id) => workspace.block(id))),
    blockIds: await workspace.blockIds(),
  };
}

test("SQLite and the memory agree after any writes", { timeout: 120_000 }, async () => {
  const dir = await temporaryFolder();
  const drivers = [memoryDriver(), sqliteDriver({ dir })] as const;
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(12), async (all, restartAt) => {
      const contents = [];
      for (const driver of drivers) {
        await driver.removeDevice(deviceId);
        let device: DeviceDatabases = await driver.openDevice(deviceId);
        let workspace = await device.openWorkspace(realmId);
        const results = [];
        for (const [index, step] of all.entries()) {
          if (index === restartAt) {
            await device.close();
            device = await driver.openDevice(deviceId);
            workspace = await device.openWorkspace(realmId);
          }
          results.push(await step(workspace));
        }
        contents.push({ results, content: await contentOf(workspace) });
        await device.close();
      }
      expect(contents[1]).toEqual(contents[0]);
    }),
    { numRuns: 60 },
  );
});
