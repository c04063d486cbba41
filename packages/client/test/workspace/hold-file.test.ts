import { newChunkView, VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { ChunkPins } from "../../src/workspace/content/chunk-pins.ts";
import { holdFile, holdIfCurrent } from "../../src/workspace/content/hold-file.ts";
import type { WorkspaceContext } from "../../src/workspace/context.ts";
import type { LocalManifest } from "../../src/workspace/manifests.ts";
import { file, folder, realmId } from "./support/memory-tree.ts";

const x = VlobId.generate();

function workspace() {
  const view = newChunkView(0, 10);
  const state: { current: LocalManifest } = { current: { ...file(x, realmId), size: 10, blocks: [[view]] } };
  const pins = new ChunkPins(async () => undefined);
  const manifests = { peek: () => state.current, get: async () => state.current };
  const openFiles = { flush: async () => undefined };
  return { state, view, pins, context: { pins, manifests, openFiles } as unknown as WorkspaceContext };
}

test("content is held of what an entry is now, and not of what it was", async () => {
  const { state, view, pins, context } = workspace();
  const before = { ...file(x, realmId), size: 10, blocks: [[view]] };
  expect(holdIfCurrent(context, before)).toBeUndefined();
  expect(pins.isHeld(view.id)).toBe(false);
  const held = await holdFile(context, x);
  expect(held?.file).toBe(state.current);
  expect(pins.isHeld(view.id)).toBe(true);
  held?.hold.release();
  state.current = folder(x, realmId);
  expect(await holdFile(context, x)).toBeUndefined();
});

test("who comes while its content is deleted gets what the entry is afterwards", async () => {
  const { state, view, pins, context } = workspace();
  let commit = () => {};
  const change = pins.storing(
    { named: [], dropped: [view.id] },
    () => new Promise<void>((resolve) => (commit = resolve)),
  );
  const holding = holdFile(context, x);
  const next = { ...file(x, realmId), size: 0, blocks: [] };
  await Promise.resolve();
  state.current = next;
  commit();
  await change;
  expect((await holding)?.file).toBe(next);
});
