import { concatBytes, equalBytes, fromBase64, fromHex, toHex } from "@parsec/base";
import { HashDigest, ready } from "@parsec/crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compressRaw, decompress } from "../../src/zstd/index.ts";
import file from "./frames.json" with { type: "json" };

beforeAll(() => ready());

const limit = 1024 * 1024;
const bytes = (hex: string) => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array();
const frames = file.frames.map((frame) => ({ ...frame, frame: fromBase64(frame.frame) ?? new Uint8Array() }));

describe("decompress", () => {
  it.each(frames)("$content, made with zstd $options", ({ frame, size, sha256 }) => {
    const content = decompress(frame, limit);
    expect(content.length).toBe(size);
    expect(HashDigest.of(content).hex).toBe(sha256);
  });

  it("joins several frames, and skips the skippable ones", () => {
    const skippable = bytes("5a 2a 4d 18 03 00 00 00 ff ff ff");
    const small = frames.filter(({ content }) => content === "short").map(({ frame }) => frame);
    const all = decompress(concatBytes(skippable, ...small.flatMap((frame) => [frame, skippable])), limit);
    expect(new TextDecoder().decode(all)).toBe("certificate".repeat(small.length));
  });

  it.each([
    ["nothing", ""],
    ["another format", "789c4b29cdcdad04000667022d"],
    ["bytes after the frame", "28b52ffd 00 58 29 00 00 64 75 6d 6d 79 00"],
    ["a truncated block", "28b52ffd 00 58 29 00 00 64 75 6d 6d"],
    ["a reserved bit", "28b52ffd 08 58 29 00 00 64 75 6d 6d 79"],
    ["a dictionary", "28b52ffd 01 58 07 29 00 00 64 75 6d 6d 79"],
    ["a wrong content size", "28b52ffd 20 06 29 00 00 64 75 6d 6d 79"],
    ["a block of an unknown kind", "28b52ffd 00 58 2f 00 00 64 75 6d 6d 79"],
    ["a raw block over 128 KiB", "28b52ffd 00 58 09 00 10"],
    ["a Huffman tree whose states take no bits", "28b52ffd0000550000a2800104f00355808000"],
    ["a match that reaches before the frame", "28b52ffd00684c000008000100fcff390002036a0800"],
    ["a skippable frame that is too long", "502a4d18 ff ff ff ff 00"],
  ])("refuses %s", (_what, hex) => {
    expect(() => decompress(bytes(hex), limit)).toThrow(expect.objectContaining({ code: "ZSTD" }));
  });

  it("stops at the limit, whatever the header says", () => {
    // Each block of 4 bytes gives 128 KiB; a header of 2^62 bytes must not be believed.
    const block = bytes("02 00 10 00");
    const bomb = concatBytes(bytes("28b52ffd 00 58"), ...Array<Uint8Array>(1000).fill(block));
    expect(() => decompress(bomb, limit)).toThrow("larger than 1048576 bytes");
    expect(() => decompress(bytes("28b52ffd e0 00000000 00000040 01 00 00"), limit)).toThrow("content size");
  });

  it("accepts what is exactly as large as the limit", () => {
    const content = new Uint8Array(300_000).fill(7);
    expect(equalBytes(decompress(compressRaw(content), 300_000), content)).toBe(true);
    expect(() => decompress(compressRaw(content), 299_999)).toThrow("larger than");
  });

  it("ends with a typed error on any change, in bounded time", () => {
    const small = frames.filter(({ size }) => size < 5000);
    const change = fc.record({ frame: fc.nat(small.length - 1), at: fc.nat(), value: fc.nat(255) });
    fc.assert(
      fc.property(change, ({ frame, at, value }) => {
        const damaged = Uint8Array.from(small[frame]?.frame ?? []);
        damaged[at % damaged.length] = value;
        try {
          expect(decompress(damaged, limit).length).toBeLessThanOrEqual(limit);
        } catch (error) {
          expect(error).toMatchObject({ code: "ZSTD" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("compressRaw", () => {
  it("writes the frame of spec 02 §4", () => {
    expect(toHex(compressRaw(bytes("646d6d")))).toBe("28b52ffde0030000000000000019000064" + "6d6d");
  });

  it.each([0, 1, 131_071, 131_072, 131_073, 400_000])("gives %i bytes back", (size) => {
    const content = Uint8Array.from({ length: size }, (_, i) => i % 251);
    expect(equalBytes(decompress(compressRaw(content), limit), content)).toBe(true);
  });
});
