import { ready } from "@parsec/crypto";
import { startServer } from "@parsec/server";
import { beforeAll, expect, it } from "vitest";
import { type Costs, costsOf } from "../test/support/many-files.ts";

// Four times as many small files may take five times as long, and cost five times as much of whatever can be counted.

const counts = [1_000, 4_000, 16_000];
const bar = 5;

beforeAll(() => ready());

it.each([1, 200])("imports and syncs many files into %i folders", { timeout: 1_800_000 }, async (folders) => {
  const server = await startServer({ testbed: true });
  await costsOf(server, 300, folders, { sync: true });
  let before: Costs | undefined;
  const growths: Record<string, number> = {};
  for (const files of counts) {
    const costs = await costsOf(server, files, folders, { sync: true });
    for (const step of ["first", "sync"] as const) {
      console.log(`${files} files, ${folders} folders, ${step}: ${JSON.stringify(costs[step])}`);
      for (const what of ["manifests", "bytes", "reads", "requests", "ms"] as const) {
        const [now, then] = [costs[step]?.[what] ?? 0, before?.[step]?.[what] ?? 0];
        if (then > 0) growths[`${step} ${what} of ${files}`] = now / then;
      }
    }
    before = costs;
  }
  await server.close();
  const times = Object.entries(growths).filter(([name]) => name.includes(" ms "));
  console.log(times.map(([name, growth]) => `${name}: x ${growth.toFixed(2)}`).join("; "));
  expect(Object.entries(growths).filter(([, growth]) => growth > bar)).toEqual([]);
});
