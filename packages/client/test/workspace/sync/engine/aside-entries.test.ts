import { OfflineError } from "@parsec/connection";
import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { failureOf } from "../../../../src/monitors/failures.ts";
import { WorkspaceError } from "../../../../src/workspace/errors.ts";
import { AsideEntries } from "../../../../src/workspace/sync/engine/aside-entries.ts";

const damaged = failureOf(new WorkspaceError("CHUNK_NOT_FOUND", "lost"));
const offline = failureOf(new OfflineError("away"));
const [a, b] = [VlobId.generate(), VlobId.generate()];
const entry = { direction: "out", path: "/a", failure: damaged } as const;

test("an entry is tried again after a pause that grows, as long as it fails", () => {
  const aside = new AsideEntries();
  let now = 0;
  for (const pause of [3000, 6000, 12_000, 24_000, 48_000, 96_000, 192_000, 384_000, 600_000, 600_000]) {
    aside.add(a, entry, now);
    expect(aside.nextTry).toBe(now + pause);
    expect(aside.takeDue(now + pause - 1)).toEqual([]);
    now += pause;
    expect(aside.takeDue(now)).toMatchObject([{ id: a, direction: "out" }]);
    // It is being tried.
    expect(aside.takeDue(now + 1e9)).toEqual([]);
    expect(aside.nextTry).toBe(Number.POSITIVE_INFINITY);
    expect(aside.has(a)).toBe(true);
  }
});

test("what failed for want of an answer is tried once more at once", () => {
  const aside = new AsideEntries();
  aside.add(a, { ...entry, failure: offline }, 10);
  expect(aside.takeDue(10)).toHaveLength(1);
  aside.add(a, { ...entry, failure: offline }, 20);
  expect(aside.takeDue(3019)).toEqual([]);
  expect(aside.takeDue(3020)).toHaveLength(1);
  aside.add(a, { ...entry, failure: offline }, 3020);
  expect(aside.nextTry).toBe(9020);
});

test("the pause begins anew once it was all right", () => {
  const aside = new AsideEntries();
  aside.add(a, entry, 0);
  aside.add(a, entry, 0);
  aside.remove(a);
  expect([aside.has(a), aside.all()]).toEqual([false, []]);
  aside.add(a, entry, 0);
  expect(aside.all()).toMatchObject([{ attempts: 1, nextTry: 3000 }]);
});

test("news bring all of them back, and the pauses go on growing", () => {
  const aside = new AsideEntries();
  aside.add(a, entry, 0);
  aside.add(b, entry, 0);
  aside.takeDue(3000);
  aside.add(b, entry, 3000);
  aside.retryAll(5000);
  // The first one is being tried already.
  expect(aside.takeDue(5000)).toMatchObject([{ id: b }]);
  aside.add(b, entry, 5000);
  expect(aside.nextTry).toBe(5000 + 12_000);
});

test("an outage is forgotten, what entries have of their own is not", () => {
  const aside = new AsideEntries();
  for (let i = 0; i < 3; i += 1) aside.add(a, { ...entry, failure: offline }, 0);
  for (let i = 0; i < 3; i += 1) aside.add(b, entry, 0);
  aside.forgive(100);
  expect(aside.all()).toMatchObject([
    { id: a, attempts: 0, nextTry: 100 },
    { id: b, attempts: 3, nextTry: 12_000 },
  ]);
});

test("a clock that was set back does not keep them for ever", () => {
  const aside = new AsideEntries();
  aside.add(a, entry, 1e12);
  expect(aside.takeDue(0)).toHaveLength(1);
});

test("they are listed with their reasons, since the first failure", () => {
  const aside = new AsideEntries();
  const editions = new Set([aside.edition]);
  aside.add(a, entry, 5);
  editions.add(aside.edition);
  aside.add(a, { ...entry, path: undefined, failure: offline }, 8);
  editions.add(aside.edition);
  expect(aside.listed()).toEqual([{ id: a, path: "/a", reason: "OFFLINE", since: 5000, nextTry: (8 + 3000) * 1000 }]);
  aside.takeDue(3008);
  expect(aside.listed()).toMatchObject([{ since: 5000, nextTry: 5000 }]);
  aside.clear();
  editions.add(aside.edition);
  expect([aside.listed(), editions.size]).toEqual([[], 4]);
});

test("those without a path are looked for once", () => {
  const aside = new AsideEntries();
  aside.add(a, { ...entry, path: undefined }, 0);
  aside.add(b, { ...entry, path: undefined }, 0);
  expect([...aside.unplaced]).toEqual([a, b]);
  const { edition } = aside;
  aside.setPaths(
    new Map([
      [a, "/found"],
      [VlobId.generate(), "/other"],
    ]),
  );
  expect(aside.edition).not.toBe(edition);
  aside.add(a, { ...entry, path: undefined }, 0);
  aside.add(b, { ...entry, path: undefined }, 0);
  expect([...aside.unplaced]).toEqual([]);
  expect(aside.listed()).toMatchObject([{ path: "/found" }, { path: undefined }]);
  aside.add(VlobId.generate(), { ...entry, path: undefined }, 0);
  aside.clear();
  expect([...aside.unplaced]).toEqual([]);
});
