import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { SentVersions } from "../../src/workspace/sync/sent-versions.ts";
import { deviceId, file, later, otherDevice, realmId } from "./support/memory-tree.ts";

const id = VlobId.generate();
const local = file(id, realmId, { needSync: true });
const version = (number: number, seconds: number, author = deviceId) =>
  file(id, realmId, { version: number, timestamp: later(seconds), author }).base;

test("a version is known by its number, its date and its author", () => {
  const sent = new SentVersions();
  sent.remember(version(2, 10), local);
  expect(sent.localOf(version(2, 10))).toBe(local);
  // A cloned machine has the same name, and another moment.
  expect(sent.localOf(version(2, 11))).toBeUndefined();
  expect(sent.localOf(version(3, 10))).toBeUndefined();
  expect(sent.localOf(version(2, 10, otherDevice))).toBeUndefined();
});

test("sixteen attempts at one version are remembered, those at another are not", () => {
  const sent = new SentVersions();
  for (let k = 1; k <= 17; k += 1) sent.remember(version(2, k), { ...local, updated: later(k) });
  expect(sent.localOf(version(2, 1))).toBeUndefined();
  for (let k = 2; k <= 17; k += 1) expect(sent.localOf(version(2, k))).toMatchObject({ updated: later(k) });
  sent.remember(version(3, 30), local);
  expect(sent.localOf(version(2, 17))).toBeUndefined();
});

test("what is settled is forgotten, what is newer is not", () => {
  const sent = new SentVersions();
  sent.remember(version(3, 10), local);
  sent.forget(id, 2);
  expect(sent.has(id)).toBe(true);
  sent.forget(id, 3);
  expect(sent.has(id)).toBe(false);
  expect(sent.localOf(version(3, 10))).toBeUndefined();
});
