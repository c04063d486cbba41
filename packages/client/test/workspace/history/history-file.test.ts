import { fromHex } from "@parsec/base";
import { HashDigest, ready } from "@parsec/crypto";
import { BlockId, DateTime, DeviceId, type FileManifest, VlobId } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import vectors from "../../../../../test/vectors/filesystem.json" with { type: "json" };
import { HistoryFile } from "../../../src/workspace/history/history-file.ts";
import type { HistorySource } from "../../../src/workspace/history/source.ts";
import { BlockMemory } from "../../../src/workspace/open-files/block-memory.ts";

const { history_sparse_read: sparse } = vectors;
const time = DateTime.fromSeconds(1);

beforeAll(() => ready());

function fixture(): { readonly file: HistoryFile; readonly loaded: BlockId[] } {
  const contents = new Map<BlockId, Uint8Array>();
  const blocks = sparse.blocks.map(({ offset, size, fill }) => {
    const data = new Uint8Array(size).fill(Number.parseInt(fill, 16));
    const id = BlockId.generate();
    contents.set(id, data);
    return { id, offset, size, digest: HashDigest.of(data) };
  });
  const loaded: BlockId[] = [];
  const manifest: FileManifest = {
    type: "file_manifest",
    author: DeviceId.generate(),
    timestamp: time,
    id: VlobId.generate(),
    parent: VlobId.generate(),
    version: 1,
    created: time,
    updated: time,
    size: sparse.size,
    blocksize: sparse.blocksize,
    blocks,
    origin: { type: "DEFAULT" },
  };
  const source: HistorySource = {
    realmId: manifest.id,
    firstRoot: manifest,
    lowerBound: time,
    higherBound: time,
    versionsAt: async () => [],
    versionsOf: async function* () {},
    block: async ({ id }) => {
      loaded.push(id);
      return contents.get(id) ?? new Uint8Array();
    },
    userOf: () => undefined,
    closed: new AbortController().signal,
    close: async () => undefined,
  };
  return { file: new HistoryFile(source, new BlockMemory(), manifest), loaded };
}

test.each(sparse.reads)("a read of $size bytes at $offset", async ({ offset, size, returned, data_hex }) => {
  const read = await fixture().file.read(offset, size);
  expect(read).toHaveLength(returned);
  expect(read).toEqual(fromHex(data_hex));
});

test("each block is loaded once, and holes load none", async () => {
  const { file, loaded } = fixture();
  await file.read(0, 64);
  expect(loaded).toHaveLength(0);
  for (let at = 0; at < sparse.size; at += 10) await file.read(at, 10);
  expect(loaded).toHaveLength(3);
  await file.close();
  await expect(file.read(0, 1)).rejects.toMatchObject({ code: "HANDLE_CLOSED" });
});
