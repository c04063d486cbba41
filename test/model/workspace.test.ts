import { type RunningServer, startServer } from "@parsec/server";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Step, story } from "./steps.ts";
import { World } from "./world.ts";

// Three devices of two people on one workspace, over a real server. Whatever they do, at the end, when all are online and
// honest: acknowledged work is visible unless somebody removed it, all trees are equal, nothing waits, nothing moves. Left
// to themselves they send nothing for ten minutes; and every version that the server ever took has its content there.
//
// `MODEL_RUNS` asks for another number of new stories, `MODEL_STEPS` for longer ones, `MODEL_SEED` (with the steps it had)
// for one again: a failing one prints its seed and its shortest form.

const fixedSeeds = Array.from({ length: 20 }, (_, i) => 1000 + i);
const runs = Number(process.env["MODEL_RUNS"] ?? 10);
const maxSteps = Number(process.env["MODEL_STEPS"] ?? 30);
const chosen = process.env["MODEL_SEED"];

let server: RunningServer;

beforeAll(async () => {
  // Keepalives follow the real clock, and the devices that of their story in the end.
  server = await startServer({ testbed: true, config: { sseKeepalive: null } });
});
afterAll(() => server.close());

async function tell(steps: readonly Step[]): Promise<void> {
  const world = await World.open(server);
  try {
    for (const step of steps) await world.run(step);
    await world.settle();
  } finally {
    await world.close();
  }
}

/** How long a failing story is shortened, in milliseconds. */
const shrinkingMs = Number(process.env["MODEL_SHRINK_MS"] ?? 45_000);

async function check(seed: number): Promise<void> {
  let failedAt: number | undefined;
  const property = fc.asyncProperty(story(maxSteps), async (steps) => {
    // Time is up: what is shorter counts as sound, so that the shortest form so far is printed.
    if (failedAt !== undefined && Date.now() > failedAt + shrinkingMs) return;
    try {
      await tell(steps);
    } catch (error) {
      failedAt ??= Date.now();
      throw error;
    }
  });
  await fc.assert(property, { seed, numRuns: 1 });
}

const timeout = 120_000 + shrinkingMs;

if (chosen !== undefined) {
  test(`the story of seed ${chosen}`, () => check(Number(chosen)), timeout);
} else {
  describe("stories that were told before", () => {
    test.each(fixedSeeds)("seed %i", check, timeout);
  });
  describe("new stories", () => {
    const fresh = Date.now() % 2 ** 31;
    test.each(Array.from({ length: runs }, (_, i) => fresh + i))("seed %i", check, timeout);
  });
}
