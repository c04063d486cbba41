import { eventFrame, keepaliveFrame, missedEventsFrame, ping, realmShare } from "@parsec/protocol";
import { DateTime, DeviceId, OrganizationId, UserId, VlobId } from "@parsec/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import type { TestOrganization } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import type { ServerEvent } from "../../src/events/event.ts";
import { EventHub } from "../../src/events/hub.ts";
import { Subscriber } from "../../src/events/subscriber.ts";
import type { RunningServer } from "../../src/index.ts";
import { StrictStore } from "../../src/store/memory/strict-store.ts";
import type { Outcome, Store, Transaction } from "../../src/store/port/store.ts";
import { startTestServer } from "../support/start.ts";
import { createStore, createStrictStore } from "../support/stores.ts";

/**
 * A store that lets something happen around a transaction: `before` it, or `after` it has committed and before whoever
 * asked for it goes on. Both count from the next transaction, 0, and happen once.
 */
class InterruptedStore extends StrictStore {
  #interruptions: { skip: number; when: "before" | "after"; run: () => Promise<void> }[] = [];

  interrupt(when: "before" | "after", skip: number, run: () => Promise<void>): void {
    this.#interruptions.push({ skip, when, run });
  }

  override async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>): Promise<T> {
    const due = this.#interruptions.filter((each) => each.skip === 0);
    this.#interruptions = this.#interruptions.filter((each) => each.skip > 0);
    for (const each of this.#interruptions) each.skip -= 1;
    const rest = this.#interruptions;
    this.#interruptions = [];
    for (const { when, run: happen } of due) if (when === "before") await happen();
    const value = await super.transaction(run);
    for (const { when, run: happen } of due) if (when === "after") await happen();
    this.#interruptions.push(...rest);
    return value;
  }
}

let store: InterruptedStore;
let server: RunningServer;
let target: Target;
let org: TestOrganization;
let bob: Actor;

beforeEach(async () => {
  store = new InterruptedStore(await createStore());
  server = await startTestServer({ dev: true, store });
  target = await Target.connect(server.url, server.administrationToken);
  org = await target.organization();
  bob = await org.addUser();
});
afterEach(() => server.close());

async function freeze(frozen: boolean): Promise<void> {
  const path = `/organizations/${org.id}/users/freeze`;
  await target.administrate("POST", path, { frozen, user_id: bob.userId });
}

/** An id that the server still knows. */
async function lastEventId(): Promise<string> {
  const listener = await EventListener.open(org, bob);
  await listener.next();
  await org.send(org.alice, ping, { ping: "known" });
  const { id } = await listener.next();
  listener.close();
  if (id === undefined) throw new Error("a ping has an id");
  return id;
}

const ends: readonly (readonly [string, () => Promise<void>, number])[] = [
  ["frozen", () => freeze(true), 462],
  ["revoked", () => org.revoke(bob), 461],
  ["without valid organization", () => target.updateOrganization(org, { is_expired: true }), 460],
  ["to accept new terms", () => target.updateOrganization(org, { tos: { en: "https://example.com" } }), 463],
];

describe.each(["anew", "again"] as const)("a stream that is opened %s", (how) => {
  const open = async () => {
    const options = how === "anew" ? {} : { lastEventId: await lastEventId() };
    return (arm: () => void) => {
      arm();
      return EventListener.open(org, bob, options);
    };
  };

  // The first transaction of the request authenticates, the second one registers.
  test.each(ends)("by a user who is %s between the two transactions is refused", async (_name, end, status) => {
    const opening = await open();
    await expectHttpStatus(
      opening(() => store.interrupt("after", 0, end)),
      status,
    );
    await expectHttpStatus(EventListener.open(org, bob), status);
  });

  test.each(ends)("by a user who is %s just after registration gets its end", async (_name, end) => {
    const opening = await open();
    const listener = await opening(() => store.interrupt("after", 1, end));
    await listener.ended();
  });

  test("while the server closes is refused, and holds nothing up", async () => {
    const opening = await open();
    let closed: Promise<void> | undefined;
    const refused = opening(() =>
      store.interrupt("after", 1, async () => {
        closed = server.close();
      }),
    );
    await expectHttpStatus(refused, 503);
    await closed;
  });
});

test("a member unshared while reconnecting hears of that, and nothing of the realm afterwards", async () => {
  const realmId = await org.createRealm(org.alice);
  await org.share(org.alice, realmId, bob, "READER");
  const known = await lastEventId();
  await org.createVlob(org.alice, realmId);
  store.interrupt("after", 1, () => org.unshare(org.alice, realmId, bob));
  const listener = await EventListener.open(org, bob, { lastEventId: known });
  await org.createVlob(org.alice, realmId);
  await org.send(org.alice, ping, { ping: "end" });
  const heard: string[] = [];
  while (heard.at(-1) !== "PINGED") heard.push((await listener.next()).event.event);
  expect(heard).toEqual(["ORGANIZATION_CONFIG", "VLOB", "REALM_CERTIFICATE", "PINGED"]);
  listener.close();
});

test("a member shared while reconnecting hears of the realm afterwards", async () => {
  const realmId = await org.createRealm(org.alice);
  const known = await lastEventId();
  store.interrupt("after", 1, async () => {
    const fields = org.shareFields(org.alice, realmId, bob.userId, "READER");
    await org.send(org.alice, realmShare, fields);
  });
  const listener = await EventListener.open(org, bob, { lastEventId: known });
  await org.createVlob(org.alice, realmId);
  const heard: string[] = [];
  while (heard.at(-1) !== "VLOB") heard.push((await listener.next()).event.event);
  expect(heard).toEqual(["ORGANIZATION_CONFIG", "REALM_CERTIFICATE", "VLOB"]);
  listener.close();
});

test("a client that has gone before its answer leaves no stream behind", async () => {
  const abort = new AbortController();
  const gone = EventListener.open(org, bob, { signal: abort.signal });
  store.interrupt("after", 1, async () => {
    abort.abort();
    await gone.catch(() => undefined);
  });
  await expect(gone).rejects.toThrow();
  // Closing waits for every stream that somebody may still read.
  await server.close();
});

describe("the hub", () => {
  const organizationId = OrganizationId.parse("Acme");
  const pinged = (text: string): ServerEvent => ({ type: "PINGED", organizationId, ping: text });

  async function emit(into: StrictStore, ...events: readonly ServerEvent[]): Promise<void> {
    await into.transaction(async (tx) => {
      for (const event of events) tx.emit(event);
      return { end: "commit", value: undefined };
    });
  }

  function open(hub: EventHub, id?: string) {
    const listener = {
      organizationId,
      deviceId: DeviceId.generate(),
      userId: UserId.generate(),
      profile: "STANDARD",
    } as const;
    const now = DateTime.fromMicros(0);
    return hub.open(
      async () => ({
        organization: {
          organizationId,
          createdOn: now,
          bootstrapToken: null,
          bootstrap: null,
          isExpired: false,
          activeUsersLimit: null,
          userProfileOutsiderAllowed: true,
          realmMinimumArchivingPeriodBeforeDeletion: 0,
          tos: null,
          allowedClientAgent: "NATIVE_OR_WEB",
        },
        subscriber: new Subscriber(listener, [VlobId.generate()]),
      }),
      () => eventFrame({ status: "ok", event: "PINGED", ping: "first" }),
      { lastEventId: id, keepalive: null },
    );
  }

  test("forgets a client too slow to read, so that it costs nothing more", async () => {
    const inner = await createStrictStore();
    const hub = new EventHub(inner, () => 10);
    const until = tellings(inner);
    const { stream } = await open(hub);
    await emit(inner, ...Array.from({ length: 98 }, () => pinged("x")));
    await until(98);
    expect([hub.connectionCount, stream.isEnded]).toEqual([1, false]);
    await emit(inner, pinged("x"), pinged("x"));
    await until(100);
    expect([hub.connectionCount, stream.isEnded]).toEqual([0, true]);
    hub.close();
  });

  test("keeps as many events as it is told, and says when the one asked for is gone", async () => {
    const inner = await createStrictStore();
    const ids: string[] = [];
    inner.subscribe(({ eventId }) => ids.push(eventId));
    const hub = new EventHub(inner, () => 3);
    const until = tellings(inner);
    await emit(inner, ...["a", "b", "c", "d"].map(pinged));
    await until(4);
    const framesAfter = async (id: string | undefined) => {
      const { stream, close } = await open(hub, id);
      close();
      const frames: string[] = [];
      for (let frame = await stream.next(); frame !== undefined; frame = await stream.next()) frames.push(frame);
      expect(frames).not.toContain(keepaliveFrame);
      return frames.slice(1);
    };
    expect(await framesAfter(ids[0])).toEqual([missedEventsFrame]);
    expect(await framesAfter(ids[1])).toHaveLength(2);
    expect(await framesAfter(ids[3])).toEqual([]);
    hub.close();
  });
});

/**
 * Waits until a store has told of so many events. A database does so some time after the commit; whoever subscribed
 * before, such as a hub, was told first.
 */
function tellings(store: Pick<Store, "subscribe">): (count: number) => Promise<void> {
  let told = 0;
  let onTold = () => {};
  store.subscribe(() => {
    told += 1;
    onTold();
  });
  return (count) =>
    new Promise((resolve) => {
      onTold = () => {
        if (told >= count) resolve();
      };
      onTold();
    });
}
