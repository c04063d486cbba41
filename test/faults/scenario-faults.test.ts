import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, platformDriver, type StorageDriver, strictDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ScriptedNetwork } from "../support/scripted-network.ts";
import { play } from "./scenario.ts";

// At each write of the storage, and at each command, the scenario fails or its process dies. Opened again and finished,
// all is as it should be, here and on another device.

let server: RunningServer;
let dir: string;

beforeAll(async () => {
  server = await startServer({ testbed: true });
  dir = mkdtempSync(join(tmpdir(), "parsec-faults-"));
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Faults {
  readonly driver: ReturnType<typeof strictDriver>;
  readonly network: ScriptedNetwork;
}

/** Plays the scenario with a fault, then without; gives whether the fault came. */
function playOn(inner: StorageDriver, begin: (faults: Faults) => () => boolean): Promise<boolean> {
  const driver = strictDriver(inner);
  const network = new ScriptedNetwork();
  let hasCome = () => false;
  return play(server, {
    storage: driver,
    storageAfter: driver,
    network,
    begin: () => {
      hasCome = begin({ driver, network });
    },
    end: () => {
      const came = hasCome();
      driver.plan();
      return came;
    },
  });
}

const writeFaults = {
  "is refused": (k: number) => ({ failAtWrite: k }),
  "kills, and is not stored": (k: number) => ({ dieAtWrite: k, storedBeforeDeath: false }),
  "kills, and is stored": (k: number) => ({ dieAtWrite: k, storedBeforeDeath: true }),
};

describe.each(Object.entries(writeFaults))("the k-th write %s, for every k", (_, plan) => {
  const atWrite = (k: number) => (faults: Faults) => {
    faults.driver.plan(plan(k));
    return () => faults.driver.writes >= k;
  };

  test("in memory", { timeout: 240_000 }, async () => {
    let k = 1;
    while (await playOn(memoryDriver(), atWrite(k))) k += 1;
    expect(k).toBeGreaterThan(10);
  });

  test("in SQLite, every fifth", { timeout: 240_000 }, async () => {
    let k = 1;
    while (await playOn(platformDriver(mkdtempSync(join(dir, "data-"))), atWrite(k))) k += 5;
    expect(k).toBeGreaterThan(10);
  });
});

describe.each(["the request is lost", "the reply is lost", "the process dies with it"])(
  "at the k-th command %s",
  (fault) => {
    test("for every k", { timeout: 240_000 }, async () => {
      const atCommand = (k: number) => (faults: Faults) => {
        let count = 0;
        faults.network.rule = async ({ pass }) => {
          count += 1;
          if (count === k) {
            if (fault === "the process dies with it") faults.driver.plan({ dieAtWrite: 1 });
            if (fault !== "the request is lost") (await pass()).discard();
            throw new OfflineError("as planned");
          }
          return pass();
        };
        return () => count >= k;
      };
      let k = 1;
      while (await playOn(memoryDriver(), atCommand(k))) k += 1;
      expect(k).toBeGreaterThan(8);
    });
  },
);
