import { describe, expect, it } from "vitest";
import {
  ByteCollector,
  equalBytes,
  fromBase64,
  fromHex,
  randomBytes,
  Semaphore,
  toBase64,
  toHex,
  utf8,
} from "../src/index.ts";

type Loose = (value: unknown) => unknown;
const loose = (call: (value: never) => unknown) => call as Loose;

describe("an argument of the wrong type", () => {
  const notBytes = [undefined, null, "text", [1, 2], new Uint16Array(2), new ArrayBuffer(2)];
  const notText = [undefined, null, 5, new Uint8Array(2)];
  const notSize = [undefined, null, -1, 0.5, Number.NaN, "5"];

  it.each<[string, string, Loose, readonly unknown[]]>([
    ["toHex", "bytes", loose(toHex), notBytes],
    ["toBase64", "bytes", loose(toBase64), notBytes],
    ["equalBytes", "a", loose((a: Uint8Array) => equalBytes(a, new Uint8Array(2))), notBytes],
    ["equalBytes", "b", loose((b: Uint8Array) => equalBytes(new Uint8Array(2), b)), notBytes],
    ["ByteCollector.add", "part", loose((part: Uint8Array) => new ByteCollector().add(part)), notBytes],
    ["utf8", "text", loose(utf8), notText],
    ["fromHex", "text", loose(fromHex), notText],
    ["fromBase64", "text", loose(fromBase64), notText],
    ["randomBytes", "size", loose(randomBytes), notSize],
    ["Semaphore", "permits", loose((permits: number) => new Semaphore(permits)), [...notSize, 0]],
  ])("of %s is refused by its name: %s", (_name, argument, call, values) => {
    for (const value of values) {
      expect(() => call(value)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", argument }));
    }
  });
});
