import { AccessToken, DateTime, DeviceId, OrganizationId, UserId, VlobId } from "@parsec/types";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DispatchedEvent, ServerEvent } from "../../src/events/event.ts";
import type { Store } from "../../src/store/port/store.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { commit, organizationRow, realmRow } from "../support/rows.ts";
import { createDatabase } from "../support/stores.ts";

// Two stores on one database, as two processes have them.

const at = (micros: number) => DateTime.fromMicros(micros);
const organizationId = OrganizationId.parse("Acme");

let url: string;
let one: Store;
let other: Store;
beforeEach(async () => {
  url = await createDatabase();
  [one, other] = await Promise.all([openPostgresStore(url), openPostgresStore(url)]);
  await commit(one, (tx) => tx.organizations.put(organizationRow(organizationId, at(1))));
});
afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
});

async function administrate(text: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}

/** The next `count` events of a store. */
function hear(store: Store, count: number): Promise<readonly DispatchedEvent[]> {
  const heard: DispatchedEvent[] = [];
  return new Promise((resolve) => {
    store.subscribe((event) => {
      heard.push(event);
      if (heard.length === count) resolve(heard);
    });
  });
}

async function tell(store: Store, ...events: readonly ServerEvent[]): Promise<void> {
  await commit(store, async (tx) => {
    for (const event of events) tx.emit(event);
  });
}

const ping = (text: string): ServerEvent => ({ type: "PINGED", organizationId, ping: text });

test("a transaction that only reads sees one state, though another process commits in its middle", async () => {
  const realmId = VlobId.generate();
  await commit(one, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
  const seen = await commit(one, async (tx) => {
    const before = await tx.realms.names(organizationId, realmId);
    await commit(other, async (writing) => {
      await writing.lock(organizationId, "common", "read");
      await writing.lock(organizationId, { realm: realmId }, "write");
      const certified = { certificate: new Uint8Array([1]), certifiedBy: DeviceId.generate(), certifiedOn: at(2) };
      await writing.realms.addName(organizationId, { realmId, ...certified });
    });
    return [before.length, (await tx.realms.names(organizationId, realmId)).length];
  });
  expect(seen).toEqual([0, 0]);
  expect(await commit(one, (tx) => tx.realms.names(organizationId, realmId))).toHaveLength(1);
});

describe("events", () => {
  test("of each process reach both, under the same ids, in the same order", async () => {
    const count = 60;
    const heard = Promise.all([hear(one, count), hear(other, count)]);
    await Promise.all(
      Array.from({ length: count }, (_, index) => tell(index % 2 === 0 ? one : other, ping(`${index}`))),
    );
    const [here, there] = await heard;
    expect(here).toEqual(there);
    expect(new Set(here.map(({ eventId }) => eventId)).size).toBe(count);
  });

  test("of one transaction keep their order, whatever their sizes; the large ones arrive whole", async () => {
    const greeters = Array.from({ length: 500 }, () => UserId.generate());
    const invitation: ServerEvent = {
      type: "INVITATION",
      organizationId,
      token: AccessToken.generate(),
      invitationStatus: "PENDING",
      greeters,
    };
    const events = [ping("small"), invitation, ping("x".repeat(100_000)), ping("small again")];
    const heard = hear(other, events.length);
    await tell(one, ...events);
    expect((await heard).map(({ event }) => event)).toEqual(events);
  });

  test("of a transaction that rolls back are told to nobody", async () => {
    const heard = hear(other, 1);
    await one.transaction(async (tx) => {
      tx.emit(ping("no"));
      return { end: "rollback", value: undefined };
    });
    await tell(one, ping("yes"));
    expect((await heard).map(({ event }) => event)).toEqual([ping("yes")]);
  });

  test("a lost connection is a gap, told at once; afterwards events arrive again", async () => {
    const gap = new Promise<void>((resolve) => {
      one.subscribe(() => undefined, resolve);
    });
    await administrate(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
    );
    await gap;
    // Who subscribes while nothing can be heard is told so.
    for (let deaf = true; deaf; await new Promise((resolve) => setImmediate(resolve))) {
      deaf = false;
      one.subscribe(
        () => undefined,
        () => {
          deaf = true;
        },
      )();
    }
    const heard = hear(one, 1);
    await tell(one, ping("back"));
    expect((await heard).map(({ event }) => event)).toEqual([ping("back")]);
  });
});

test("work that excludes itself does so between processes", async () => {
  let [inside, most] = [0, 0];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([one, other, one, other].map((store) => store.exclusively("block", work)));
  expect(most).toBe(1);
});

describe("what a command needed the last time", () => {
  const origin = { command: "test/increment", organizationId };
  const increment = async (store: Store) => {
    let tries = 0;
    await store.transaction(async (tx) => {
      tries += 1;
      const limit = (await tx.organizations.find(organizationId))?.activeUsersLimit ?? 0;
      await tx.organizations.configure(organizationId, { activeUsersLimit: limit + 1 });
      return { end: "commit", value: undefined };
    }, origin);
    return tries;
  };

  test("is taken at once the next time", async () => {
    expect([await increment(one), await increment(one)]).toEqual([2, 1]);
  });

  test("changes nothing when it needs something else now", async () => {
    await increment(one);
    let tries = 0;
    const read = () =>
      one.transaction(async (tx) => {
        tries += 1;
        return { end: "commit", value: (await tx.organizations.find(organizationId))?.activeUsersLimit };
      }, origin);
    expect([await read(), tries]).toEqual([1, 2]);
    expect([await read(), tries]).toEqual([1, 3]);
  });
});
