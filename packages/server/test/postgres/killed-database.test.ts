import { ready } from "@parsec/crypto";
import { VlobId } from "@parsec/types";
import { Client } from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { migrate } from "../../src/store/sql/migrate.ts";
import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { Load } from "../support/load.ts";
import { PostgresCluster } from "../support/postgres-cluster.ts";
import { ServerProcess } from "../support/server-process.ts";

beforeAll(() => ready());

let cluster: PostgresCluster | undefined;
const servers: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await cluster?.stop();
});

test("a database that is killed loses nothing that was acknowledged, and its servers find it again", async () => {
  // One that writes to the disk what it says is committed.
  cluster = await PostgresCluster.start({ durable: true });
  const store = await openPostgresStore(cluster.url(), { skipMigrationsCheck: true });
  await migrate(store);
  await store.close();
  servers.push(await ServerProcess.start(cluster.url()), await ServerProcess.start(cluster.url()));
  const load = await Load.prepare(servers.map(({ url }) => url));
  const device = await load.addDevice();
  const listener = await EventListener.open(load.view(1), device, { patience: 60_000 });
  let isDone = false;
  const watching = load.watch(() => isDone);
  const writing = Array.from({ length: 4 }, async (_, writer) => {
    for (let index = writer; !isDone; index += 4) await load.write(index);
  });
  for (let round = 1; round <= 3; round += 1) {
    await load.enough(round * 30);
    // With all its processes, as by a power cut, and the main one alone, which leaves the others to find out.
    await cluster.kill(round === 2 ? "main" : "all");
    await cluster.restart();
  }
  await load.enough(120);
  isDone = true;
  await Promise.all(writing);
  expect(await watching).toBeGreaterThan(0);
  // Who listened was not left waiting for events that nobody could hear.
  await listener.ended();

  const { order, current } = await load.written();
  expect(current).toBe(order.length);
  expect([...load.acknowledged].filter((vlobId) => !order.includes(vlobId))).toEqual([]);
  // Nothing half done: each checkpoint has its vlob, and the sums are those of the rows.
  const client = new Client(cluster.url());
  await client.connect();
  const { rows } = await client.query(
    `select realm.checkpoint = count(vlob._id) as counted, realm.vlob_bytes = sum(vlob.size) as summed
       from realm join vlob on vlob.realm = realm._id where realm.realm_id = $1 group by realm._id`,
    [VlobId.display(load.realmId)],
  );
  await client.end();
  expect(rows).toEqual([{ counted: true, summed: true }]);
}, 180_000);
