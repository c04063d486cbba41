import { DateTime, OrganizationId, VlobId } from "@parsec/types";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store, Transaction } from "../../src/store/port/store.ts";
import type { LockMode, Topic } from "../../src/store/port/topics.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { commit, organizationRow, realmRow, vlobRow } from "../support/rows.ts";
import { createDatabase } from "../support/stores.ts";

// Who waits for whom, between two processes on one database, and what happens when they are in each other's way.

const at = (micros: number) => DateTime.fromMicros(micros);
const [here, elsewhere] = [OrganizationId.parse("Here"), OrganizationId.parse("Elsewhere")];
const [realm, otherRealm] = [{ realm: VlobId.generate() }, { realm: VlobId.generate() }];

let url: string;
let one: Store;
let other: Store;
beforeAll(async () => {
  url = await createDatabase();
  [one, other] = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
  await commit(one, async (tx) => {
    for (const organizationId of [here, elsewhere]) await tx.organizations.put(organizationRow(organizationId, at(1)));
    for (const { realm: realmId } of [realm, otherRealm]) await tx.realms.insert(here, realmRow(realmId, at(1)));
  });
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
});

async function administrate(text: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}

/** Something to wait for. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** Resolves when so many transactions wait for an advisory lock. */
async function waiting(count: number): Promise<void> {
  const client = new Client(url);
  await client.connect();
  const text = `select count(*) from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and not granted and datname = current_database()`;
  while (Number((await client.query<{ count: string }>(text)).rows[0]?.count) < count);
  await client.end();
}

type Asked = readonly [organizationId: OrganizationId, topic: Topic, mode: LockMode];

describe("a transaction that holds a topic", () => {
  const cases: readonly (readonly [holds: Asked, asks: Asked, waits: boolean])[] = [
    [[here, "common", "read"], [here, "common", "read"], false],
    [[here, "common", "read"], [here, "common", "write"], true],
    [[here, "common", "write"], [here, "common", "read"], true],
    [[here, "common", "write"], [here, "common", "write"], true],
    [[here, "common", "write"], [elsewhere, "common", "write"], false],
    [[here, realm, "read"], [here, realm, "read"], false],
    [[here, realm, "read"], [here, realm, "write"], true],
    [[here, realm, "write"], [here, realm, "read"], true],
    [[here, realm, "write"], [here, otherRealm, "write"], false],
    [[here, realm, "write"], [elsewhere, realm, "write"], false],
    [[here, realm, "write"], [here, "sequester", "write"], false],
    [[here, "sequester", "write"], [here, "sequester", "read"], true],
    [[here, "shamir_recovery", "write"], [here, "shamir_recovery", "write"], true],
  ];
  const nameOf = ([organizationId, topic, mode]: Asked) =>
    `${mode} ${typeof topic === "string" ? topic : topic === realm ? "realm" : "other realm"} (${organizationId})`;

  test.each(
    cases.map(
      ([holds, asks, waits]) =>
        [nameOf(holds), waits ? "holds up" : "lets pass", nameOf(asks), holds, asks, waits] as const,
    ),
  )("%s %s one that asks for %s", async (_holds, _verb, _asks, holds, asks, waits) => {
    const [held, end] = [signal(), signal()];
    const order: string[] = [];
    const first = commit(one, async (tx) => {
      await tx.lock(...holds);
      held.give();
      await end.given;
      order.push("first");
    });
    await held.given;
    const second = commit(other, async (tx) => {
      await tx.lock(...asks);
      order.push("second");
    });
    await (waits ? waiting(1) : second);
    end.give();
    await Promise.all([first, second]);
    expect(order).toEqual(waits ? ["first", "second"] : ["second", "first"]);
  });

  test("loading holds everything of its organization: writers of any topic wait, those of another do not", async () => {
    const [held, end] = [signal(), signal()];
    const loading = commit(one, async (tx) => {
      await tx.lockAll(here);
      held.give();
      await end.given;
    });
    await held.given;
    const write = (organizationId: OrganizationId) =>
      commit(other, async (tx) => {
        await tx.lock(organizationId, "common", "read");
        await tx.lock(organizationId, realm, "read");
      });
    await write(elsewhere);
    const late = write(here);
    await waiting(1);
    end.give();
    await Promise.all([loading, late]);
  });
});

describe("two in each other's way", () => {
  test("with topics in opposite orders never wait for each other: one gives up its own and begins anew", async () => {
    const [oneHolds, otherHolds] = [signal(), signal()];
    const tries: string[] = [];
    // What is first in order is the smaller name.
    const [first, last] = [realm, otherRealm].sort((a, b) => (a.realm < b.realm ? -1 : 1));
    if (first === undefined || last === undefined) throw new Error("Two realms were expected");
    const inOrder = commit(one, async (tx) => {
      tries.push("in order");
      await tx.lock(here, first, "write");
      oneHolds.give();
      await otherHolds.given;
      await tx.lock(here, last, "write");
    });
    const reversed = commit(other, async (tx) => {
      tries.push("reversed");
      await oneHolds.given;
      await tx.lock(here, last, "write");
      otherHolds.give();
      await tx.lock(here, first, "write");
    });
    await Promise.all([inOrder, reversed]);
    // Each began as a reader; one more time for the locks in order, and never because of a deadlock.
    expect(tries.filter((name) => name === "in order")).toHaveLength(2);
    expect(tries.filter((name) => name === "reversed")).toHaveLength(3);
  });

  test("with rows in opposite orders are a deadlock, which is retried", async () => {
    let met = 0;
    const both = signal();
    let tries = 0;
    const write = (store: Store, realms: readonly VlobId[]) =>
      store.transaction(async (tx) => {
        tries += 1;
        await tx.lock(here, "common", "read");
        for (const [index, realmId] of realms.entries()) {
          await tx.vlobs.insert(here, realmId, vlobRow(at(1)));
          if (index > 0) continue;
          met += 1;
          if (met === 2) both.give();
          await both.given;
        }
        return { end: "commit", value: undefined };
      });
    await Promise.all([write(one, [realm.realm, otherRealm.realm]), write(other, [otherRealm.realm, realm.realm])]);
    // Each began as a reader, and one was broken off.
    expect(tries).toBe(5);
    const written = async (tx: Transaction, realmId: VlobId) => (await tx.vlobs.list(here, realmId)).length;
    expect(await commit(one, (tx) => written(tx, realm.realm))).toBe(2);
    expect(await commit(one, (tx) => written(tx, otherRealm.realm))).toBe(2);
  });

  describe("or with the database", () => {
    const realmId = VlobId.generate();
    beforeAll(async () => {
      await commit(one, (tx) => tx.realms.insert(here, realmRow(realmId, at(1))));
    });

    /** PostgreSQL itself refuses the next inserts of vlobs with this error. */
    async function refuse(count: number, state: string): Promise<void> {
      await administrate(`
        drop sequence if exists refusals;
        create sequence refusals;
        create or replace function refuse() returns trigger language plpgsql as $$
          begin
            if nextval('refusals') <= ${count} then raise exception 'on purpose' using errcode = '${state}'; end if;
            return new;
          end $$;
        drop trigger if exists refuse on vlob;
        create trigger refuse before insert on vlob for each row execute function refuse()`);
    }
    const insert = () =>
      commit(one, async (tx) => {
        await tx.lock(here, "common", "read");
        await tx.vlobs.insert(here, realmId, vlobRow(at(1)));
      });
    const written = async () => (await commit(one, (tx) => tx.vlobs.changesAfter(here, realmId, 0))).current;

    test.each([
      ["a serialization failure is retried, and nothing is done twice", 7, "40001", undefined],
      ["a deadlock is retried", 7, "40P01", undefined],
      ["one that comes again and again ends as unavailable, and nothing is done", 8, "40001", "STORE_UNAVAILABLE"],
      ["a row that was there is looked for again", 2, "23505", undefined],
      ["a row that is always there is a bug", 3, "23505", "BUG"],
      ["a full disk is not tried again", 1, "53100", "STORE_UNAVAILABLE"],
    ])("%s", async (_name, count, state, code) => {
      const before = await written();
      await refuse(count, state);
      if (code === undefined) await insert();
      else await expect(insert()).rejects.toMatchObject({ code });
      expect(await written()).toBe(before + (code === undefined ? 1 : 0));
    });
  });
});
