import { createTransport, OfflineError } from "@parsec/connection";
import { platformDriver } from "@parsec/storage";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { watchIndexedDb } from "../../packages/storage/test/support/watched-indexeddb.ts";
import { MortalDriver } from "../support/mortal-driver.ts";
import { ScriptedNetwork, silence } from "../support/scripted-network.ts";
import { play } from "./scenario.ts";

// The scenario on IndexedDB. A write that is refused is one request of a transaction of the browser; one that dies is a
// whole step of the storage, after which nothing answers any more.

const server = { url: inject("dumpsUrl") };
const timeout = 240_000;

/** Databases that nobody has, until the test is over. */
function freshDriver() {
  const dir = `test-${crypto.randomUUID()}`;
  onTestFinished(async () => {
    const all = (await indexedDB.databases()).map(({ name }) => name ?? "");
    for (const name of all.filter((each) => each.startsWith(dir))) indexedDB.deleteDatabase(name);
  });
  return platformDriver(dir);
}

const newNetwork = () => new ScriptedNetwork(createTransport());

/** Plays with k = first, then each step further, until the scenario ends before the k-th. Gives the last that came. */
async function everyNth(first: number, step: number, playAt: (k: number) => Promise<boolean>): Promise<number> {
  let k = first;
  while (await playAt(k)) k += step;
  return k - step;
}

test("the k-th request that writes is refused, for every ninth k", { timeout }, async () => {
  const count = await everyNth(1, 9, (k) => {
    const storage = freshDriver();
    let left = k;
    let stop = () => {};
    return play(server, {
      storage,
      storageAfter: storage,
      network: newNetwork(),
      begin: () => {
        stop = watchIndexedDb(() => {
          left -= 1;
          if (left === 0) throw new DOMException("as planned", "QuotaExceededError");
        });
      },
      end: () => {
        stop();
        return left <= 0;
      },
    });
  });
  expect(count).toBeGreaterThan(20);
});

describe.each([
  ["is not stored", false, 1],
  ["is stored", true, 3],
])("the process dies at the k-th write, which %s", (_, isStored, first) => {
  test(`for every fourth k from ${first}`, { timeout }, async () => {
    const count = await everyNth(first, 4, (k) => {
      const storageAfter = freshDriver();
      const storage = new MortalDriver(storageAfter);
      const network = newNetwork();
      return play(server, {
        storage,
        storageAfter,
        network,
        death: storage.death,
        begin: () => {
          storage.fate = { atWrite: storage.writes + k, isStored };
          network.rule = (exchange) => (storage.isDead ? silence(exchange) : exchange.pass());
        },
        end: () => storage.isDead,
      });
    });
    expect(count).toBeGreaterThan(10);
  });
});

describe.each([
  ["the request is lost", 2],
  ["the reply is lost", 1],
  ["the process dies with the reply", 1],
] as const)("at the k-th command %s", (fault, step) => {
  test(`for k = 1, ${1 + step}, …`, { timeout }, async () => {
    const count = await everyNth(1, step, (k) => {
      const storageAfter = freshDriver();
      const storage = new MortalDriver(storageAfter);
      const network = newNetwork();
      let sent = 0;
      return play(server, {
        storage,
        storageAfter,
        network,
        death: storage.death,
        begin: () => {
          network.rule = async (exchange) => {
            if (storage.isDead) return silence(exchange);
            sent += 1;
            if (sent !== k) return exchange.pass();
            if (fault !== "the request is lost") (await exchange.pass()).discard();
            if (fault !== "the process dies with the reply") throw new OfflineError("as planned");
            await storage.die();
            return silence(exchange);
          };
        },
        end: () => sent >= k,
      });
    });
    expect(count).toBeGreaterThan(8);
  });
});
