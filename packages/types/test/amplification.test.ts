import { concatBytes } from "@parsec/base";
import { HashDigest, ready } from "@parsec/crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import { documents } from "./support/documents.ts";

// What a stranger's bytes cost here is in proportion to how many they are, whatever they announce.

beforeAll(() => ready());

const now = t.DateTime.fromMicros(1_700_000_000_000_000);
const [author, id, parent] = [t.DeviceId.generate(), t.VlobId.generate(), t.VlobId.generate()];

interface Placed {
  readonly offset: number;
  readonly size: number;
}

function remoteFile(blocksize: number, size: number, blocks: readonly Placed[]): t.FileManifest {
  const base = { type: "file_manifest", author, timestamp: now, id, parent, version: 1, created: now, updated: now };
  const digest = HashDigest.of(new Uint8Array());
  const accesses = blocks.map((block) => ({ ...block, id: t.BlockId.generate(), digest }));
  return { ...base, type: "file_manifest", size, blocksize, blocks: accesses, origin: { type: "DEFAULT" } };
}

describe("a file version", () => {
  const exponents = (min: number, max: number) => fc.integer({ min, max }).map((exponent) => 2 ** exponent);
  const file = fc
    .tuple(exponents(3, 40), fc.uniqueArray(fc.oneof(fc.nat(40), exponents(0, 45)), { maxLength: 8 }))
    .map(([blocksize, slots]) => {
      const offsets = slots.map((slot) => slot * blocksize).filter((offset) => offset + 8 <= Number.MAX_SAFE_INTEGER);
      const blocks = offsets.sort((a, b) => a - b).map((offset) => ({ offset, size: 8 }));
      return remoteFile(blocksize, (blocks.at(-1)?.offset ?? 0) + 8, blocks);
    });

  it("has as many slots as its blocks allow, or is refused before any is made", () => {
    let refused = 0;
    fc.assert(
      fc.property(file, (remote) => {
        const { blocks, blocksize } = remote;
        const furthest = Math.max(0, ...blocks.map(({ offset }) => Math.floor(offset / blocksize) + 1));
        const isTooLarge = furthest > 4096 + 1024 * blocks.length || blocksize > 64 * 1024 * 1024;
        if (isTooLarge) {
          refused += 1;
          expect(() => t.localFileManifestFromRemote(remote)).toThrow(
            expect.objectContaining({ code: "DATA_INTEGRITY", dataType: "file_manifest" }),
          );
          return;
        }
        const local = t.localFileManifestFromRemote(remote);
        expect(local.blocks).toHaveLength(furthest);
        // All holes are one and the same.
        expect(new Set(local.blocks).size).toBeLessThanOrEqual(blocks.length + 1);
        expect(local.blocks.flat().map(({ access }) => access)).toEqual(blocks);
        expect(t.localFileManifestToRemote(local, author, now)).toEqual({ ...remote, version: 2 });
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it.each([
    [4095, true],
    [5119, true],
    [5120, false],
    [2 ** 40, false],
  ])("one block in slot %i: %s", (slot, isTaken) => {
    const remote = remoteFile(8, (slot + 1) * 8, [{ offset: slot * 8, size: 8 }]);
    const take = () => t.localFileManifestFromRemote(remote).blocks.length;
    if (isTaken) expect(take()).toBe(slot + 1);
    else expect(take).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY" }));
  });

  it("with spans of 64 MiB is taken, with larger ones it is not", () => {
    const most = 64 * 1024 * 1024;
    expect(t.localFileManifestFromRemote(remoteFile(most, 8, [{ offset: 0, size: 8 }])).blocks).toHaveLength(1);
    expect(() => t.localFileManifestFromRemote(remoteFile(most + 1, 8, []))).toThrow("at most 67108864 bytes");
  });

  it("that other devices would refuse is not made", () => {
    const local = t.newLocalFileManifest(author, parent, now);
    const remote = remoteFile(local.blocksize, 1, [{ offset: 0, size: 1 }]);
    const [slot = []] = t.localFileManifestFromRemote(remote).blocks;
    const moved = slot.map((view) => {
      const offset = 6000 * local.blocksize;
      const access = view.access === null ? null : { ...view.access, offset };
      return { ...view, start: offset, stop: offset + 1, rawOffset: offset, access };
    });
    const blocks = [...Array.from({ length: 6000 }, () => []), moved];
    const far = { ...local, size: 6001 * local.blocksize, blocks };
    expect(() => t.localFileManifestToRemote(far, author, now)).toThrow("a file of 1 blocks has at most 5120");
  });
});

describe("a folder version", () => {
  const names = ["a", "b", "c", "d", "e"].map((name) => t.EntryName.parse(name));
  const ids = Array.from({ length: 3 }, () => t.VlobId.generate());
  const entries = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...ids)), {
    selector: ([name]) => name,
  });

  it("shows each entry under one name, whatever the order of its bytes", () => {
    fc.assert(
      fc.property(entries, fc.func(fc.integer()), (children, order) => {
        const shuffled = children.toSorted((a, b) => order(a) - order(b));
        const [loaded, other] = [children, shuffled].map((list) => {
          const manifest = { ...t.newLocalFolderManifest(author, parent, now).base, children: new Map(list) };
          return t.load(t.FolderManifest, t.dump(t.FolderManifest, manifest)).children;
        });
        expect(other).toEqual(loaded);
        for (const entry of ids) {
          const own = children.filter(([, child]) => child === entry).map(([name]) => name);
          const first = own.sort()[0];
          const shown = [...(loaded ?? [])].filter(([, child]) => child === entry).map(([name]) => name);
          expect(shown).toEqual(first === undefined ? [] : [first]);
        }
      }),
    );
  });

  it("of a local manifest too, whose children can then be changed", () => {
    const [first, second] = names;
    const [entry] = ids;
    if (first === undefined || second === undefined || entry === undefined) throw new Error("no names");
    const twice = new Map([
      [second, entry],
      [first, entry],
    ]);
    const local = { ...t.newLocalFolderManifest(author, parent, now), children: twice };
    const loaded = t.load(t.LocalFolderManifest, t.dump(t.LocalFolderManifest, local));
    const pattern = { matches: () => false };
    const renamed = t.evolveChildren(
      loaded,
      new Map([
        [first, null],
        [second, entry],
      ]),
      pattern,
      now,
    );
    expect([...renamed.children]).toEqual([[second, entry]]);
  });
});

/** Frames of zstd that say "128 KiB of one byte" again and again. */
function bomb(blocks: number): Uint8Array {
  const head = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58);
  const parts = Array.from({ length: blocks }, (_, index) => {
    const header = (131_072 << 3) | 2 | (index === blocks - 1 ? 1 : 0);
    return Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16, 0x90);
  });
  return concatBytes(Uint8Array.of(0), head, ...parts);
}

/** Bytes of array buffers that `run` leaves, with what the collector has not come to yet. */
function allocated(run: () => void): number {
  const before = process.memoryUsage().arrayBuffers;
  run();
  return process.memoryUsage().arrayBuffers - before;
}

describe("a compressed document", () => {
  const isRefused = expect.objectContaining({ code: "BAD_SERIALIZATION", step: "zstd" });

  it("is not expanded beyond what its size allows: 256 KiB and 64 times as much", () => {
    for (const [blocks, isTaken] of [
      [2, true],
      [3, false],
      [30, false],
      [128, false],
    ] as const) {
      const bytes = bomb(blocks);
      const load = () => t.load(t.FileManifest, bytes);
      // Whatever it holds is no document: it is only met behind the compression.
      if (isTaken) expect(load).toThrow(expect.objectContaining({ step: "msgpack+validation" }));
      else expect(load).toThrow(isRefused);
      const cost = allocated(() => expect(load).toThrow());
      expect(cost).toBeLessThan(4 * (256 * 1024 + 64 * bytes.length));
    }
  });

  it("of a local manifest may expand further: this device wrote it", () => {
    const local = t.newLocalFileManifest(author, parent, now);
    const empty = 600_000;
    const [view] = t.localFileManifestFromRemote(remoteFile(8, 8, [{ offset: 0, size: 8 }])).blocks.flat();
    if (view === undefined) throw new Error("no view");
    const start = empty * 8;
    const last = { ...view, start, stop: start + 8, rawOffset: start, access: null };
    const blocks = [...Array.from({ length: empty }, () => []), [last]];
    const sparse = { ...local, blocksize: 8, size: start + 8, blocks };
    const loaded = t.load(t.LocalFileManifest, t.dump(t.LocalFileManifest, sparse), { sizeLimit: t.localSizeLimit });
    expect(loaded.blocks).toHaveLength(empty + 1);
  });
});

describe("an announced length", () => {
  const heads: readonly (readonly [string, readonly number[]])[] = [
    ["array of 2^32 - 1", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["array of 65,535", [0xdc, 0xff, 0xff]],
    ["map of 2^32 - 1", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["map of 65,535", [0xde, 0xff, 0xff]],
    ["text of 2^32 - 1", [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ["bytes of 2^32 - 1", [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ["extension of 2^32 - 1", [0xc9, 0xff, 0xff, 0xff, 0xff, 0x02]],
  ];
  const codecs: readonly t.Codec<unknown>[] = [
    t.list(t.Bytes),
    t.set(t.VlobId),
    t.map(t.EntryName, t.VlobId),
    t.Bytes,
    t.Str,
    t.EntryName,
    t.nullable(t.Bytes),
    ...Object.values(documents),
  ];

  it.each(heads)("of an %s is not believed", (_, head) => {
    const tail = new Uint8Array(100).fill(0x01);
    const bytes = concatBytes(Uint8Array.from(head), tail);
    const unknownKey = concatBytes(Uint8Array.of(0x81, 0xa1, 0x78), bytes);
    for (const codec of codecs) {
      for (const input of [bytes, unknownKey]) {
        const cost = allocated(() => {
          expect(() => t.decode(codec, input)).toThrow(expect.objectContaining({ code: "DECODE_FAILED" }));
        });
        expect(cost).toBeLessThan(64 * 1024);
      }
    }
  });

  it("nesting is bounded, also below keys that nobody knows", () => {
    for (const opening of [0x91, 0x81]) {
      const deep = new Uint8Array(100_000).fill(opening);
      const unknownKey = concatBytes(Uint8Array.of(0x81, 0xa1, 0x78), deep);
      for (const codec of codecs) {
        expect(() => t.decode(codec, deep)).toThrow(expect.objectContaining({ code: "DECODE_FAILED" }));
        expect(() => t.decode(codec, unknownKey)).toThrow(expect.objectContaining({ code: "DECODE_FAILED" }));
      }
    }
  });
});
