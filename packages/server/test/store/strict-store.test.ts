import { AccessToken, DateTime, OrganizationId, VlobId } from "@parsec/types";
import { afterEach, expect, test } from "vitest";
import { StrictStore } from "../../src/store/memory/strict-store.ts";
import type { OrganizationRow } from "../../src/store/port/organizations.ts";
import type { Store, Transaction } from "../../src/store/port/store.ts";

const organizationId = OrganizationId.parse("Acme");
const now = DateTime.fromMicros(1_000);
const row: OrganizationRow = {
  organizationId,
  createdOn: now,
  bootstrapToken: AccessToken.generate(),
  bootstrap: null,
  isExpired: false,
  activeUsersLimit: null,
  userProfileOutsiderAllowed: true,
  realmMinimumArchivingPeriodBeforeDeletion: 0,
  tos: null,
  allowedClientAgent: "NATIVE_OR_WEB",
};

async function commit<T>(store: Store, run: (tx: Transaction) => Promise<T>): Promise<T> {
  return await store.transaction(async (tx) => ({ end: "commit", value: await run(tx) }));
}

const stores: Store[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

test("refuses a transaction used after its end", async () => {
  const store = new StrictStore();
  stores.push(store);
  let leaked: Transaction | undefined;
  await commit(store, async (tx) => {
    leaked = tx;
  });
  await expect(leaked?.organizations.list()).rejects.toMatchObject({ code: "BUG" });
});

test("refuses a topic that advances without its lock, and locks out of order", async () => {
  const store = new StrictStore();
  stores.push(store);
  await commit(store, (tx) => tx.organizations.put(row));
  const unlocked = commit(store, (tx) => tx.topics.advance(organizationId, "common", now));
  await expect(unlocked).rejects.toMatchObject({ code: "BUG" });
  const outOfOrder = commit(store, async (tx) => {
    await tx.lock(organizationId, { realm: VlobId.generate() }, "read");
    await tx.lock(organizationId, "common", "read");
  });
  await expect(outOfOrder).rejects.toMatchObject({ code: "BUG" });
  const upgraded = commit(store, async (tx) => {
    await tx.lock(organizationId, "common", "read");
    await tx.lock(organizationId, { realm: VlobId.generate() }, "read");
    await tx.lock(organizationId, "common", "write");
  });
  await expect(upgraded).rejects.toMatchObject({ code: "BUG" });
  const ofAnother = commit(store, async (tx) => {
    await tx.lock(OrganizationId.parse("Other"), "common", "write");
    await tx.topics.advance(organizationId, "common", now);
  });
  await expect(ofAnother).rejects.toMatchObject({ code: "BUG" });
});

test("lets a transaction ask again for a lock that it holds, whatever it has locked since", async () => {
  const store = new StrictStore();
  stores.push(store);
  await commit(store, async (tx) => {
    await tx.organizations.put(row);
    await tx.lock(organizationId, "common", "write");
    await tx.lock(organizationId, { realm: VlobId.generate() }, "write");
    await tx.lock(organizationId, "common", "read");
    await tx.topics.advance(organizationId, "common", now);
  });
  expect(await commit(store, (tx) => tx.topics.last(organizationId, "common"))).toBe(now);
});

test("refuses a command that asks for all organizations, or all invitations of one", async () => {
  const store = new StrictStore();
  stores.push(store);
  await commit(store, (tx) => tx.organizations.put(row));
  const origin = { command: "test/list", organizationId };
  const lists: readonly ((tx: Transaction) => Promise<unknown>)[] = [
    (tx) => tx.organizations.list(),
    (tx) => tx.invitations.list(organizationId),
  ];
  for (const list of lists) {
    await commit(store, list);
    const ofCommand = store.transaction(async (tx) => ({ end: "commit", value: await list(tx) }), origin);
    await expect(ofCommand).rejects.toMatchObject({ code: "BUG" });
  }
});

test("gives copies", async () => {
  const store = new StrictStore();
  stores.push(store);
  await commit(store, (tx) => tx.organizations.put(row));
  const [a, b] = await commit(store, async (tx) => [
    await tx.organizations.find(organizationId),
    await tx.organizations.find(organizationId),
  ]);
  expect(a).toEqual(b);
  expect(a).not.toBe(b);
});

test("loses a whole transaction when its commit fails", async () => {
  const store = new StrictStore();
  stores.push(store);
  store.failNextCommit();
  await expect(commit(store, (tx) => tx.organizations.put(row))).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await commit(store, (tx) => tx.organizations.list())).toEqual([]);
});
