import { DateTime } from "@parsec/types";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Overlay } from "../../../src/workspace/open-files/overlay.ts";

// A layer on a content, against an array of bytes.

const time = DateTime.fromMicros(1_700_000_000_000_000);

type Step =
  | { readonly kind: "write"; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: "resize"; readonly length: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      offset: fc.nat(60),
      data: fc.uint8Array({ maxLength: 25 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resize" as const), length: fc.nat(80) }) },
);

/** What one sees through the layer. */
function laidOn(overlay: Overlay, content: Uint8Array): Uint8Array {
  const seen = new Uint8Array(overlay.sizeOn(content.length));
  seen.set(content.subarray(0, Math.min(seen.length, overlay.cut)));
  for (const { start, data } of overlay.extents()) seen.set(data, start);
  return seen;
}

function resized(content: Uint8Array, length: number): Uint8Array {
  const next = new Uint8Array(length);
  next.set(content.subarray(0, length));
  return next;
}

test("shows what writes and cuts in that order would make", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.array(step, { maxLength: 20 }), (content, steps) => {
      const overlay = new Overlay();
      let expected: Uint8Array = content;
      for (const next of steps) {
        if (next.kind === "write") {
          overlay.write(next.offset, next.data, time);
          const { length } = next.data;
          if (length > 0) expected = resized(expected, Math.max(expected.length, next.offset + length));
          if (length > 0) expected.set(next.data, next.offset);
        } else {
          overlay.resize(next.length, expected.length, time);
          expected = resized(expected, next.length);
        }
        expect(laidOn(overlay, content)).toEqual(expected);
        expect(overlay.bytes).toBe(overlay.extents().reduce((sum, { data }) => sum + data.length, 0));
      }
      // Laid on what has it already, it changes nothing.
      expect(laidOn(overlay, expected)).toEqual(expected);
      for (let start = 0; start < expected.length; start += 7) {
        const stop = Math.min(expected.length, start + 9);
        const shows = (beneath: number) => {
          const base = resized(new Uint8Array(content.length).fill(beneath), content.length);
          return laidOn(overlay, base).subarray(start, stop);
        };
        const isCovered = overlay.covers(start, stop);
        if (isCovered) expect(shows(1)).toEqual(shows(2));
        const within = overlay.within(start, stop);
        for (const { start: at, data } of within) expect(expected.subarray(at, at + data.length)).toEqual(data);
      }
    }),
    { numRuns: 300 },
  );
});

test("many small writes one after the other are one piece, and cost what they hold", () => {
  const overlay = new Overlay();
  for (let at = 0; at < 100_000; at += 1) overlay.write(at, Uint8Array.of(at % 251), time);
  expect(overlay.pieces).toBe(1);
  expect(overlay.bytes).toBe(100_000);
  expect(overlay.extents()[0]?.data.every((byte, at) => byte === at % 251)).toBe(true);
});

test("bytes are copied", () => {
  const overlay = new Overlay();
  const data = Uint8Array.of(1, 2, 3);
  overlay.write(0, data, time);
  data.fill(9);
  expect(overlay.within(0, 3)).toEqual([{ start: 0, data: Uint8Array.of(1, 2, 3) }]);
});
