import { AccessToken, DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";
import { afterEach, describe, expect, test } from "vitest";
import type { DispatchedEvent } from "../../src/events/event.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
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

describe.each([
  ["memory", () => new MemoryStore()],
  ["strict", () => new StrictStore()],
])("the %s store", (_name, create) => {
  function open(): Store {
    const store = create();
    stores.push(store);
    return store;
  }

  test("keeps what a transaction has committed, and nothing of one that rolls back or throws", async () => {
    const store = open();
    await commit(store, (tx) => tx.organizations.put(row));
    const change = async (tx: Transaction) => {
      await tx.lock(organizationId, "common", "write");
      await tx.organizations.configure(organizationId, { isExpired: true });
      await tx.topics.advance(organizationId, "common", now);
      await tx.realms.insert(organizationId, {
        realmId: VlobId.generate(),
        keyIndex: 0,
        createdOn: now,
        status: "AVAILABLE",
        deletedOn: null,
      });
      tx.emit({ type: "PINGED", organizationId, ping: "x" });
    };
    const events: DispatchedEvent[] = [];
    store.subscribe((event) => events.push(event));
    await store.transaction(async (tx) => {
      await change(tx);
      return { end: "rollback", value: undefined };
    });
    const failure = new Error("on purpose");
    const failing = commit(store, async (tx) => {
      await change(tx);
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const state = await commit(store, async (tx) => ({
      organization: await tx.organizations.find(organizationId),
      last: await tx.topics.last(organizationId, "common"),
      realms: await tx.realms.list(organizationId),
    }));
    expect(state).toEqual({ organization: row, last: undefined, realms: [] });
    expect(events).toEqual([]);

    await commit(store, change);
    expect(events.map(({ event }) => event.type)).toEqual(["PINGED"]);
    expect((await commit(store, (tx) => tx.organizations.find(organizationId)))?.isExpired).toBe(true);
  });

  test("runs transactions one after the other", async () => {
    const store = open();
    const order: string[] = [];
    await commit(store, (tx) => tx.organizations.put(row));
    const run = (name: string) =>
      commit(store, async (tx) => {
        order.push(`${name} begins`);
        await tx.organizations.find(organizationId);
        await tx.users.list(organizationId);
        order.push(`${name} ends`);
      });
    await Promise.all([run("first"), run("second")]);
    expect(order).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  });

  test("numbers vlob checkpoints, and finds versions by date", async () => {
    const store = open();
    const [realmId, vlobId, other] = [VlobId.generate(), VlobId.generate(), VlobId.generate()];
    await commit(store, async (tx) => {
      await tx.organizations.put(row);
      const realm = { realmId, keyIndex: 0, createdOn: now, status: "AVAILABLE", deletedOn: null } as const;
      await tx.realms.insert(organizationId, realm);
      const author = DeviceId.generate();
      for (const [id, version, at] of [
        [vlobId, 1, 10],
        [other, 1, 20],
        [vlobId, 2, 30],
      ] as const) {
        const timestamp = DateTime.fromMicros(at);
        const vlob = { vlobId: id, version, keyIndex: 0, blob: new Uint8Array(at), author, timestamp };
        await tx.vlobs.insert(organizationId, realmId, vlob);
      }
    });
    const found = await commit(store, async ({ vlobs }) => ({
      all: await vlobs.changesAfter(organizationId, realmId, 0),
      last: await vlobs.changesAfter(organizationId, realmId, 2),
      newest: await vlobs.newestTimestamp(organizationId, realmId),
      past: (await vlobs.latest(organizationId, realmId, [vlobId], DateTime.fromMicros(29))).map(
        (each) => each.version,
      ),
      size: await vlobs.totalSize(organizationId, realmId),
    }));
    expect(found).toEqual({
      all: {
        changes: [
          [vlobId, 2],
          [other, 1],
        ],
        current: 3,
      },
      last: { changes: [[vlobId, 2]], current: 3 },
      newest: 30,
      past: [1],
      size: 60,
    });
  });

  test("refuses work after close", async () => {
    const store = open();
    await store.close();
    await expect(commit(store, (tx) => tx.organizations.list())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("the strict store", () => {
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
});
