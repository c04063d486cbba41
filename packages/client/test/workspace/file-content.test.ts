import { fromHex, toHex } from "@parsec/base";
import { HashDigest, ready } from "@parsec/crypto";
import {
  type ChunkId,
  DateTime,
  DeviceId,
  type LocalFileManifest,
  newLocalFileManifest,
  promoteAsBlock,
  VlobId,
} from "@parsec/types";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import vectors from "../../../../test/vectors/filesystem.json" with { type: "json" };
import { copyPart, planRead } from "../../src/workspace/file/read.ts";
import { planReshape } from "../../src/workspace/file/reshape.ts";
import { resize } from "../../src/workspace/file/resize.ts";
import { writeAt } from "../../src/workspace/file/write.ts";
import { chunkId, slots } from "./support/from-vectors.ts";

beforeAll(() => ready());

const time = DateTime.fromSeconds(1);
const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();

/** A file with its chunks in memory: the algorithms, without storage. */
class MemoryFile {
  manifest: LocalFileManifest;
  readonly chunks = new Map<ChunkId, Uint8Array>();
  #ids = 0;

  constructor(blocksize: number) {
    this.manifest = { ...newLocalFileManifest(DeviceId.generate(), VlobId.generate(), time), blocksize };
  }

  #newId = () => chunkId(`c${(this.#ids += 1)}`);

  write(offset: number, data: Uint8Array) {
    const written = writeAt(this.manifest, { offset, size: data.length, time, newId: this.#newId });
    for (const { id, start, stop } of written.newChunks) this.chunks.set(id, data.slice(start - offset, stop - offset));
    this.manifest = written.manifest;
    return written;
  }

  resize(length: number) {
    const resized = resize(this.manifest, length, time);
    this.manifest = resized.manifest;
    return resized;
  }

  reshape() {
    return this.manifest.blocks.flatMap((slot, index) => {
      const plan = planReshape(slot, this.#newId);
      if (plan.kind === "done") return [];
      const { start, stop } = plan.view;
      const data = this.read(start, stop - start);
      this.chunks.set(plan.view.id, data);
      const blocks = this.manifest.blocks.with(index, [promoteAsBlock(plan.view, HashDigest.of(data))]);
      this.manifest = { ...this.manifest, blocks };
      return [{ slot: index, ...plan }];
    });
  }

  read(offset: number, size: number): Uint8Array {
    const plan = planRead(this.manifest, offset, size);
    const target = new Uint8Array(plan.size);
    for (const part of plan.parts) {
      const data = this.chunks.get(part.view.id);
      if (data === undefined) throw new Error("a view on a removed chunk");
      copyPart(part, data, target, plan.offset);
    }
    return target;
  }
}

describe("write, resize, reshape", () => {
  it.each(vectors.file_operations)("$title", ({ blocksize, steps }) => {
    const file = new MemoryFile(blocksize);
    for (const step of steps) {
      if (step.op === "write") {
        const written = file.write(step.offset ?? 0, bytes(step.data_hex ?? ""));
        expect(written.newChunks.map(({ id }) => id)).toEqual(step.new_chunks?.map(({ id }) => chunkId(id)));
        expect([...written.removed].sort()).toEqual(step.removed?.map(chunkId).sort());
      } else if (step.op === "resize") {
        const { removed } = file.resize(step.length ?? 0);
        expect([...removed].sort()).toEqual(step.removed?.map(chunkId).sort());
      } else {
        const operations = file.reshape();
        expect(operations.map(({ slot, kind, view }) => ({ slot, kind, id: view.id }))).toEqual(
          step.operations?.map(({ slot, kind, chunk }) => ({ slot, kind, id: chunkId(chunk) })),
        );
      }
      expect(file.manifest.size).toBe(step.after.size);
      expect(file.manifest.blocks).toEqual(slots(step.after.slots));
      expect(toHex(file.read(0, file.manifest.size))).toBe(step.content_hex);
    }
  });
});

describe("planRead", () => {
  const { state, blocksize, chunk_data, reads } = vectors.file_read;

  it.each(reads)("$offset + $size", ({ offset, size, returned, chunks, data_hex }) => {
    const file = new MemoryFile(blocksize);
    file.manifest = { ...file.manifest, size: state.size, blocks: slots(state.slots) };
    for (const [id, hex] of Object.entries(chunk_data)) file.chunks.set(chunkId(id), bytes(hex));
    const plan = planRead(file.manifest, offset, size);
    expect(plan.size).toBe(returned);
    expect(plan.parts.map(({ view, start, stop }) => ({ id: view.id, start, stop }))).toEqual(
      chunks.map(({ id, start, stop }) => ({ id: chunkId(id), start, stop })),
    );
    expect(toHex(file.read(offset, size))).toBe(data_hex);
  });
});

describe("any sequence of operations", () => {
  const operation = fc.oneof(
    fc.record({ op: fc.constant("write" as const), offset: fc.nat(120), data: fc.uint8Array({ maxLength: 60 }) }),
    fc.record({ op: fc.constant("resize" as const), length: fc.nat(150) }),
    fc.record({ op: fc.constant("reshape" as const) }),
  );

  it("gives the content that a plain byte array would have, and keeps every chunk in use", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const file = new MemoryFile(16);
        let model = new Uint8Array();
        for (const step of operations) {
          if (step.op === "write") {
            for (const id of file.write(step.offset, step.data).removed) file.chunks.delete(id);
            const end = step.data.length === 0 ? 0 : step.offset + step.data.length;
            const grown = new Uint8Array(Math.max(model.length, end));
            grown.set(model);
            if (end > 0) grown.set(step.data, step.offset);
            model = grown;
          } else if (step.op === "resize") {
            for (const id of file.resize(step.length).removed) file.chunks.delete(id);
            const resized = new Uint8Array(step.length);
            resized.set(model.subarray(0, step.length));
            model = resized;
          } else {
            for (const plan of file.reshape())
              if (plan.kind === "rewrite") plan.removed.forEach((id) => file.chunks.delete(id));
          }
          expect(file.read(0, 1000)).toEqual(model);
        }
      }),
    );
  });
});
