import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { IncomingQueue } from "../../../../src/workspace/sync/engine/incoming-queue.ts";

const free = () => true;

test("first come, first served; a later word about one takes the place of the earlier", () => {
  const [a, b] = [VlobId.generate(), VlobId.generate()];
  const queue = new IncomingQueue();
  queue.add(a, 1);
  queue.add(b, undefined);
  queue.add(a, 2);
  expect(queue.size).toBe(2);
  expect(queue.take((id) => id !== a)).toMatchObject({ id: b, version: undefined });
  expect(queue.take((id) => id !== a)).toBeUndefined();
  expect(queue.take(free)).toMatchObject({ id: a, version: 2 });
  expect([queue.take(free), queue.size]).toEqual([undefined, 0]);
  queue.add(a, 3);
  expect(queue.take(free)).toMatchObject({ id: a, version: 3 });
});

test("300,000 entries cost no more each than 300", () => {
  const queue = new IncomingQueue();
  for (let index = 0; index < 300_000; index += 1) {
    const id = VlobId.parse(index.toString(16).padStart(32, "0"));
    if (id !== undefined) queue.add(id, index);
  }
  for (let index = 0; index < 300_000; index += 1) expect(queue.take(free)?.version).toBe(index);
  expect(queue.size).toBe(0);
});
