import { ChunkId, type LocalFileManifest, newChunkView, newLocalRootManifest, VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import type { WorkspaceContext } from "../../src/workspace/context.ts";
import type { LocalManifest } from "../../src/workspace/manifests.ts";
import { pendingUploads } from "../../src/workspace/sync/pending.ts";
import { deviceId, file, folder, realmId, root, start } from "./support/memory-tree.ts";

const [a, b, x, y] = Array.from({ length: 4 }, () => VlobId.generate()) as [VlobId, VlobId, VlobId, VlobId];
const dirty = { needSync: true };

interface StoredChunk {
  readonly id: ChunkId;
  readonly size: number;
  readonly sent: boolean;
}

function pending(manifests: readonly LocalManifest[], chunks: readonly StoredChunk[] = []) {
  const byId = new Map(manifests.map((manifest) => [manifest.base.id, manifest]));
  const changed = manifests.filter(({ needSync }) => needSync).map(({ base }) => base.id);
  const store = { listChunks: async () => chunks, getOutboundNeedSync: async () => changed };
  const context = { realmId, store, manifests: { getLocal: async (id: VlobId) => byId.get(id) } };
  return pendingUploads(context as unknown as WorkspaceContext);
}

test("a chunk that shows in two places counts once, what the server has not at all", async () => {
  const [large, small, sent] = [newChunkView(0, 24), newChunkView(10, 15), newChunkView(24, 30)];
  const head = { ...large, stop: 10 };
  const tail = { ...large, start: 15 };
  const written: LocalFileManifest = { ...file(x, realmId, dirty), size: 30, blocks: [[head, small, tail], [sent]] };
  const chunks = [
    { id: large.id, size: 24, sent: false },
    { id: small.id, size: 5, sent: false },
    { id: sent.id, size: 6, sent: true },
    { id: ChunkId.generate(), size: 1000, sent: false },
  ];
  expect(await pending([root({ x }), written], chunks)).toEqual({ entries: 1, bytes: 29 });
});

test("the root that stands in for one that was never seen is nobody's work", async () => {
  const stand = newLocalRootManifest(deviceId, realmId, start, { speculative: true });
  expect(stand.needSync).toBe(true);
  expect(await pending([stand])).toEqual({ entries: 0, bytes: 0 });
  const own = newLocalRootManifest(deviceId, realmId, start, { speculative: false });
  expect(await pending([own])).toEqual({ entries: 1, bytes: 0 });
});

test("what a folder above confines is not waited for, and folders in each other are", async () => {
  const confined = [root({ "a.tmp": a }), folder(a, realmId, { b }), folder(b, a, { x }), file(x, b, dirty)];
  expect(await pending(confined)).toEqual({ entries: 0, bytes: 0 });
  const circle = [root(), folder(a, b, { b }, dirty), folder(b, a, { a }, dirty), file(y, realmId, dirty)];
  expect(await pending(circle)).toEqual({ entries: 3, bytes: 0 });
});
