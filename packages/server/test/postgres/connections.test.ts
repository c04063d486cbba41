import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { SettableClock } from "@parsec/base";
import { DateTime, OrganizationId } from "@parsec/types";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatabaseOptions } from "../../src/store/database-options.ts";
import type { Store } from "../../src/store/port/store.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { commit, organizationRow } from "../support/rows.ts";
import { createDatabase } from "../support/stores.ts";

// The options of spec 08c §3 about connections, on a way to the database that can be barred.

/** Passes connections on to the database, all but those that it is told to refuse. */
class Gate {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly url: string;
  /** How many of the next connections are refused. */
  refusals = 0;
  refused = 0;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async open(database: string): Promise<Gate> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("No address");
    const url = new URL(database);
    const port = Number(url.port);
    url.port = String(address.port);
    const gate = new Gate(server, url.toString());
    server.on("connection", (socket) => gate.#pass(socket, port));
    return gate;
  }

  #pass(socket: Socket, port: number): void {
    socket.on("error", () => undefined);
    if (this.refusals > 0) {
      this.refusals -= 1;
      this.refused += 1;
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    const onward = connect(port, "127.0.0.1");
    onward.on("error", () => undefined);
    socket.pipe(onward).pipe(socket);
    socket.on("close", () => {
      this.#open.delete(socket);
      onward.destroy();
    });
    onward.on("close", () => socket.destroy());
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}

const organizationId = OrganizationId.parse("Acme");
let database: string;
let gate: Gate;
const stores: Store[] = [];
beforeEach(async () => {
  database = await createDatabase();
  gate = await Gate.open(database);
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await gate.close();
});

async function open(options: DatabaseOptions): Promise<Store> {
  const store = await openPostgresStore(gate.url, options);
  stores.push(store);
  return store;
}

/** Resolves at the next gap of the events. */
function gap(store: Store): Promise<void> {
  return new Promise((resolve) => {
    store.subscribe(() => undefined, resolve);
  });
}

/** Resolves when the store hears events again. */
async function listening(store: Store): Promise<void> {
  for (let deaf = true; deaf; await new Promise((resolve) => setImmediate(resolve))) {
    deaf = false;
    const stop = store.subscribe(
      () => undefined,
      () => {
        deaf = true;
      },
    );
    stop();
  }
}

const quick = { connectionAttempts: 3, pauseBeforeRetryMs: 1 };

test("failures to connect are counted in a row: a success begins anew", async () => {
  gate.refusals = 2;
  const store = await open(quick);
  for (let round = 0; round < 3; round += 1) {
    const lost = gap(store);
    gate.refusals = 2;
    gate.cut();
    await lost;
    await listening(store);
  }
  expect(gate.refused).toBe(8);
  const row = organizationRow(organizationId, DateTime.fromMicros(1));
  await commit(store, (tx) => tx.organizations.put(row));
});

test("after as many failures in a row as allowed the server does not start", async () => {
  gate.refusals = 100;
  await expect(open(quick)).rejects.toMatchObject({
    code: "DATABASE_UNAVAILABLE",
    message: expect.stringContaining("could not be reached in 3 attempts"),
  });
  expect(gate.refused).toBe(3);
});

test("a database that stays away ends the store, and says so", async () => {
  const store = await open(quick);
  gate.refusals = 100;
  gate.cut();
  expect(await store.failure).toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  expect(gate.refused).toBe(3);
});

test("it waits between two attempts for as long as it is told", async () => {
  const clock = new SettableClock(0);
  gate.refusals = 2;
  const opening = open({ connectionAttempts: 3, pauseBeforeRetryMs: 2500, clock });
  for (const failures of [1, 2]) {
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2499);
    expect([gate.refused, clock.pendingTimers]).toEqual([failures, 1]);
    clock.advance(1);
  }
  await opening;
});

test("a connection cut in the middle of a transaction is unavailable, not a bug, and the next one works", async () => {
  const store = await open(quick);
  const row = organizationRow(organizationId, DateTime.fromMicros(1));
  await commit(store, (tx) => tx.organizations.put(row));
  const cut = commit(store, async (tx) => {
    await tx.organizations.find(organizationId);
    gate.cut();
    await tx.organizations.configure(organizationId, { activeUsersLimit: 3 });
  });
  await expect(cut).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  const found = await commit(store, (tx) => tx.organizations.find(organizationId));
  expect(found?.activeUsersLimit).toBeNull();
});

test("never more connections than allowed, the one that listens included", async () => {
  const store = await open({ maxConnections: 3 });
  const client = new Client(database);
  await client.connect();
  const text = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
  const counts: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, () =>
      commit(store, async (tx) => {
        await tx.organizations.find(organizationId);
        counts.push(Number((await client.query<{ count: string }>(text)).rows[0]?.count));
      }),
    ),
  );
  await client.end();
  expect(Math.max(...counts)).toBe(3);
});
