import { HashDigest, ready } from "@parsec/crypto";
import { describe, expect, it } from "vitest";
import * as t from "../../src/index.ts";
import { localFileManifestBrokenRule } from "../../src/local-manifests/local-file-manifest.ts";
import { fileManifestBrokenRule } from "../../src/manifests/file-manifest.ts";

// Each rule of a file manifest, by its words, at both sides of its border.

await ready();

const now = t.DateTime.fromMicros(1_700_000_000_000_000);
const later = t.DateTime.fromMicros(1_700_000_000_000_001);
const [author, id, parent] = [t.DeviceId.generate(), t.VlobId.generate(), t.VlobId.generate()];

function remote(blocks: readonly (readonly [number, number])[], fields: Partial<t.FileManifest> = {}): t.FileManifest {
  const digest = HashDigest.of(new Uint8Array());
  return {
    type: "file_manifest",
    author,
    timestamp: now,
    id,
    parent,
    version: 3,
    created: now,
    updated: later,
    size: 100,
    blocksize: 10,
    blocks: blocks.map(([offset, size]) => ({ id: t.BlockId.generate(), offset, size, digest })),
    origin: { type: "DEFAULT" },
    ...fields,
  };
}

describe("a remote file", () => {
  const rules: readonly (readonly [string, t.FileManifest, string | undefined])[] = [
    ["no block", remote([]), undefined],
    ["its own parent", remote([], { parent: id }), "id and parent are different"],
    [
      "blocks that touch",
      remote([
        [0, 10],
        [10, 10],
      ]),
      undefined,
    ],
    [
      "blocks that overlap",
      remote([
        [0, 10],
        [9, 1],
      ]),
      "blocks are ordered and not overlapping",
    ],
    [
      "blocks in disorder",
      remote([
        [20, 10],
        [0, 10],
      ]),
      "blocks are ordered and not overlapping",
    ],
    [
      "two blocks in one span",
      remote([
        [0, 4],
        [4, 4],
      ]),
      "blocks are not sharing the same block span",
    ],
    ["a block over a border", remote([[5, 6]]), "blocks are not spanning over multiple block spans"],
    ["a block up to a border", remote([[5, 5]]), undefined],
    ["a block up to the end", remote([[90, 10]]), undefined],
    ["a block beyond the end", remote([[90, 10]], { size: 99 }), "file size is not exceeded"],
  ];

  it.each(rules)("with %s", (_, manifest, invariant) => {
    expect(fileManifestBrokenRule(manifest)).toBe(invariant);
    const dump = () => t.dump(t.FileManifest, manifest);
    if (invariant !== undefined) {
      expect(dump).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY", dataType: "file_manifest", invariant }));
      return;
    }
    expect(t.load(t.FileManifest, dump())).toEqual(manifest);
  });

  it("becomes a local one without changes, and the next version of itself", () => {
    const manifest = remote([
      [0, 10],
      [35, 5],
    ]);
    const local = t.localFileManifestFromRemote(manifest);
    expect(local).toMatchObject({ base: manifest, parent, needSync: false, updated: later, size: 100, blocksize: 10 });
    expect(local.blocks.map((slot) => slot.length)).toEqual([1, 0, 0, 1]);
    expect(local.blocks.flat().every(t.isBlock)).toBe(true);
    const other = t.VlobId.generate();
    const next = t.localFileManifestToRemote({ ...local, parent: other }, author, later);
    expect(next).toEqual({ ...manifest, parent: other, version: 4, timestamp: later });
  });
});

type View = readonly [start: number, stop: number, rawOffset: number, rawSize: number];

function local(slots: readonly (readonly View[])[], fields: Partial<t.LocalFileManifest> = {}): t.LocalFileManifest {
  const blocks = slots.map((views) =>
    views.map(([start, stop, rawOffset, rawSize]) => ({
      id: t.ChunkId.generate(),
      start,
      stop,
      rawOffset,
      rawSize,
      access: null,
    })),
  );
  const { base, ...rest } = t.localFileManifestFromRemote(remote([]));
  return { ...rest, base, blocks, ...fields };
}

describe("a local file", () => {
  const span = "Chunk view belong to the block span";
  const order = "Chunk views are ordered and do not overlap";
  const rules: readonly (readonly [string, t.LocalFileManifest, string | undefined])[] = [
    ["no view", local([]), undefined],
    ["its own parent", local([], { parent: id }), "id and parent are different"],
    ["a whole view", local([[[0, 10, 0, 10]]]), undefined],
    ["a window", local([[[2, 8, 0, 10]]]), undefined],
    ["a view before its chunk", local([[[2, 8, 3, 7]]]), "raw_offset <= start"],
    ["an empty view", local([[[2, 2, 0, 10]]]), "start < stop"],
    ["a view behind its chunk", local([[[2, 8, 0, 7]]]), "stop <= raw_offset + raw_size"],
    ["a view that starts in the span before", local([[], [[9, 12, 9, 3]]]), span],
    ["a view that ends in the span after", local([[[8, 11, 8, 3]]]), span],
    ["a view that starts and ends with its span", local([[], [[10, 20, 10, 10]]]), undefined],
    [
      "views that touch",
      local([
        [
          [0, 4, 0, 4],
          [4, 9, 4, 5],
        ],
      ]),
      undefined,
    ],
    [
      "views that overlap",
      local([
        [
          [0, 5, 0, 5],
          [4, 9, 4, 5],
        ],
      ]),
      order,
    ],
    [
      "views in disorder",
      local([
        [
          [5, 9, 5, 4],
          [0, 4, 0, 4],
        ],
      ]),
      order,
    ],
    ["an empty last span", local([[[0, 10, 0, 10]], []]), "the last block span is not empty"],
    ["a view up to the end", local([[[0, 10, 0, 10]]], { size: 10 }), undefined],
    [
      "a view beyond the end",
      local([[[0, 10, 0, 10]]], { size: 9 }),
      "File size is consistent with the last chunk view",
    ],
  ];

  it.each(rules)("with %s", (_, manifest, invariant) => {
    expect(localFileManifestBrokenRule(manifest)).toBe(invariant);
    const dump = () => t.dump(t.LocalFileManifest, manifest);
    if (invariant === undefined) expect(t.load(t.LocalFileManifest, dump())).toEqual(manifest);
    else expect(dump).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY", invariant }));
    if (invariant === undefined) return;
    const upload = () => t.localFileManifestToRemote(manifest, author, later);
    expect(upload).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY", dataType: "local_file_manifest" }));
  });
});

describe("new manifests", () => {
  it("wait for their first upload", () => {
    const file = t.newLocalFileManifest(author, parent, now, id);
    expect(file).toMatchObject({ needSync: true, parent, updated: now, size: 0, blocksize: 524_288, blocks: [] });
    expect(file.base).toMatchObject({ id, parent, author, version: 0, created: now, updated: now, timestamp: now });
    const folder = t.newLocalFolderManifest(author, parent, now, id);
    expect(folder).toMatchObject({ needSync: true, parent, updated: now, speculative: false });
    expect(folder.base).toMatchObject({ id, parent, author, version: 0, created: now });
    const root = t.newLocalRootManifest(author, id, now, { speculative: true });
    expect(root).toMatchObject({ parent: id, speculative: true, base: { id, parent: id, version: 0 } });
    const user = t.newLocalUserManifest(author, now, { id, speculative: true });
    expect(user).toMatchObject({ needSync: true, speculative: true, localWorkspaces: [], base: { id, version: 0 } });
  });
});
