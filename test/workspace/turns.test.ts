import type { ImportEntry } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDriver } from "@parsec/storage";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { faultyDriver } from "../support/faulty-driver.ts";
import { type OpenDevice } from "../support/loose-devices.ts";
import { simulation } from "../support/simulation.ts";
import { names, workspaceOf } from "../support/two-devices.ts";

// Timers run, whatever is at work: where every call of the storage and every piece of a source takes a millisecond, and
// none of them ever lets anybody else run, only so many come between two turns of the event loop.

/** As long as work may last without a turn, and what may be under way at once when that time is over. */
const mostAtOnce = 40;
const pieces = 120;

beforeAll(() => ready());

/** Works for a millisecond, however fast the machine. */
function work(): void {
  const end = performance.now() + 1;
  while (performance.now() < end) continue;
}

/** Counts what is done between two turns. */
class Turns {
  most = 0;
  total = 0;
  #sinceTurn = 0;
  #isRunning = true;

  constructor() {
    const turn = () => {
      this.#sinceTurn = 0;
      if (this.#isRunning) setImmediate(turn);
    };
    turn();
    onTestFinished(() => {
      this.#isRunning = false;
    });
  }

  step(): void {
    work();
    this.total += 1;
    this.#sinceTurn += 1;
    this.most = Math.max(this.most, this.#sinceTurn);
  }

  /** What was done since the last time, at least so much, with turns in between. */
  expectOften(what: string, atLeast: number): void {
    expect(this.total, what).toBeGreaterThanOrEqual(atLeast);
    expect(this.most, what).toBeLessThanOrEqual(mostAtOnce);
    this.most = 0;
    this.total = 0;
  }
}

test("import, write, sync, list and read let timers have their turn", async () => {
  const sim = await simulation();
  const turns = new Turns();
  const driver = faultyDriver(memoryDriver());
  const device = await sim.device("Alicey", { storage: driver, sync: "manual" });
  await device.session.refresh();
  const open = async (session: OpenDevice["session"]) => workspaceOf({ session, close: async () => undefined });
  const workspace = await open(device.session);
  await workspace.sync();
  driver.fault = () => {
    turns.step();
    return undefined;
  };

  function* tree(): Generator<ImportEntry, void, undefined> {
    for (let i = 0; i < pieces; i += 1) {
      turns.step();
      yield { kind: "file", names: [`f${i}`], size: 1, open: () => "x" };
    }
  }
  await workspace.import(tree(), "/in");
  turns.expectOften("import", 2 * pieces);

  function* source(): Generator<Uint8Array, void, undefined> {
    for (let i = 0; i < pieces; i += 1) {
      turns.step();
      yield new Uint8Array(10_000);
    }
  }
  await workspace.writeFile("/large", source());
  turns.expectOften("write", pieces);

  await workspace.sync();
  turns.expectOften("sync", 2 * pieces);

  await device.session.close();
  const again = await open(await device.login());
  turns.most = 0;
  turns.total = 0;
  expect(await names(again, "/in")).toHaveLength(pieces);
  turns.expectOften("list", pieces);

  for (let i = 0; i < pieces; i += 1) for await (const _ of await again.readFile(`/in/f${i}`)) continue;
  turns.expectOften("read", pieces);
});
