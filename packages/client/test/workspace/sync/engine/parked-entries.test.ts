import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { ParkedEntries } from "../../../../src/workspace/sync/engine/parked-entries.ts";

const [point, folder, sub, a, b, other] = Array.from({ length: 6 }, () => VlobId.generate()) as [
  VlobId,
  VlobId,
  VlobId,
  VlobId,
  VlobId,
  VlobId,
];

function parked(): ParkedEntries {
  const entries = new ParkedEntries();
  entries.park(a, [point, folder, sub, a]);
  entries.park(b, [point, folder, b]);
  entries.park(other, [point, other]);
  return entries;
}

test("they are found below each folder on their way", () => {
  const entries = parked();
  expect([...entries.below(point)]).toEqual([a, b, other]);
  expect([...entries.below(folder)]).toEqual([a, b]);
  expect([...entries.below(sub)]).toEqual([a]);
  expect([...entries.below(a)]).toEqual([]);
  expect([...entries.below(VlobId.generate())]).toEqual([]);
});

test("but for the branches that are still confined", () => {
  const entries = parked();
  expect([...entries.below(point, new Set([other]))]).toEqual([a, b]);
  expect([...entries.below(point, new Set([folder]))]).toEqual([other]);
  expect([...entries.below(point, new Set([folder, other]))]).toEqual([]);
});

test("what is released is nowhere", () => {
  const entries = parked();
  entries.release(a);
  entries.release(a);
  expect([entries.has(a), entries.has(b)]).toEqual([false, true]);
  expect([...entries.below(point)]).toEqual([b, other]);
  expect([...entries.below(sub)]).toEqual([]);
  entries.touch(sub);
  expect(entries.hasTouched).toBe(false);
});

test("parked again, it is where it is now", () => {
  const entries = parked();
  entries.park(a, [point, other, a]);
  expect([...entries.below(folder)]).toEqual([b]);
  expect([...entries.below(other)]).toEqual([a]);
});

test("changes of the folders on the way are noted, until they are taken", () => {
  const entries = parked();
  expect(entries.hasTouched).toBe(false);
  for (const id of [folder, folder, VlobId.generate(), a]) entries.touch(id);
  expect(entries.hasTouched).toBe(true);
  expect(entries.takeTouched()).toEqual([folder]);
  expect([entries.hasTouched, entries.takeTouched()]).toEqual([false, []]);
});

test("a folder is still at the same place when the way to it is the same", () => {
  const entries = parked();
  expect(entries.isStillAt(folder, [point, folder])).toBe(true);
  expect(entries.isStillAt(sub, [point, folder, sub])).toBe(true);
  expect(entries.isStillAt(sub, [folder, sub])).toBe(false);
  expect(entries.isStillAt(folder, [point, other, folder])).toBe(false);
  expect(entries.isStillAt(folder, [VlobId.generate(), folder])).toBe(false);
  expect(entries.isStillAt(VlobId.generate(), [point, folder])).toBe(false);
});
