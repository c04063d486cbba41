import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { StrictStore } from "../../src/store/memory/strict-store.ts";
import type { Store, Transaction } from "../../src/store/port/store.ts";
import { commit } from "../support/rows.ts";
import { Choices, organizations, realms } from "../support/store-pools.ts";
import { observe } from "../support/store-view.ts";
import { writes } from "../support/store-writes.ts";
import { createStore } from "../support/stores.ts";

let store: Store;
beforeAll(async () => {
  store = inject("storeKind") === "memory" ? new StrictStore() : await createStore();
});
afterAll(() => store.close());

interface Work {
  readonly writes: readonly number[];
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  readonly end: "commit" | "rollback" | "error";
}

const work: fc.Arbitrary<Work> = fc.record({
  writes: fc.array(fc.nat(writes.length - 1), { minLength: 1, maxLength: 4 }),
  numbers: fc.array(fc.nat(2 ** 20), { minLength: 1, maxLength: 40 }),
  texts: fc.array(fc.string({ unit: "binary", maxLength: 5 }), { maxLength: 2 }),
  end: fc.constantFrom<Work["end"]>("commit", "commit", "commit", "rollback", "error"),
});

async function execute(on: Store, { writes: indexes, numbers, texts, end }: Work): Promise<void> {
  const done = on.transaction(async (tx) => {
    const choices = new Choices(numbers, texts);
    // Each write locks what it needs; two in a row would do so in any order, which no command does.
    if (indexes.length > 1) await lockEverything(tx);
    for (const index of indexes) await writes[index]?.(tx, choices);
    if (end === "error") throw new RangeError("on purpose");
    return { end, value: undefined };
  });
  if (end === "error") await expect(done).rejects.toThrow("on purpose");
  else await done;
}

async function lockEverything(tx: Transaction): Promise<void> {
  for (const organizationId of organizations) await tx.lock(organizationId, "common", "write");
  for (const organizationId of organizations) {
    for (const realm of realms) await tx.lock(organizationId, { realm }, "write");
  }
  for (const organizationId of organizations) await tx.lock(organizationId, "shamir_recovery", "write");
}

test("whatever is written, every query tells what the store in memory tells", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(work, { minLength: 1, maxLength: 30 }), async (transactions) => {
      const model = new MemoryStore();
      await store.reset();
      for (const transaction of transactions) {
        await execute(model, transaction);
        await execute(store, transaction);
      }
      expect(await commit(store, observe)).toEqual(await commit(model, observe));
      await model.close();
    }),
    { numRuns: 40 },
  );
}, 300_000);
