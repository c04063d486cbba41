import { decode as peerDecode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { Writer } from "../../src/codec/index.ts";

describe("Writer", () => {
  it.each([
    ["a text", (writer: Writer) => writer.str("abcdefgh"), "abcdefgh"],
    ["a byte of 8 bits", (writer: Writer) => writer.int(200), 200],
    ["an integer of 16 bits", (writer: Writer) => writer.int(-3000), -3000],
    ["an integer of 32 bits", (writer: Writer) => writer.int(70_000), 70_000],
    ["an integer of 64 bits", (writer: Writer) => writer.int(2 ** 40), 2 ** 40],
    ["a float", (writer: Writer) => writer.float(1.5), 1.5],
    ["bytes", (writer: Writer) => writer.bin(new Uint8Array([7, 7])), new Uint8Array([7, 7])],
  ])("writes %s whole wherever its buffer has to grow", (_name, write, expected) => {
    for (let before = 240; before < 260; before += 1) {
      const writer = new Writer();
      writer.arrayHeader(before + 1);
      for (let i = 0; i < before; i += 1) writer.int(1);
      write(writer);
      expect((peerDecode(writer.finish()) as unknown[]).at(-1)).toEqual(expected);
    }
  });
});
