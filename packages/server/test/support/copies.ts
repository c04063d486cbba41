import type { Store } from "../../src/store/port/store.ts";
import { commit } from "./rows.ts";
import { Choices, organizations, realms } from "./store-pools.ts";
import { writes } from "./store-writes.ts";

/** Puts something into every part of a store, by the writes of the store model, in one transaction. */
export async function writeSomething(store: Store, rounds = 12): Promise<void> {
  await commit(store, async (tx) => {
    for (const organizationId of organizations) await tx.lock(organizationId, "common", "write");
    for (const realm of realms) {
      for (const organizationId of organizations) await tx.lock(organizationId, { realm }, "write");
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, write] of writes.entries()) {
        const numbers = Array.from({ length: 31 }, (_, place) => (round * 7 + index * 13 + place * 17) % 997);
        await write(tx, new Choices(numbers, []));
      }
    }
  });
}
