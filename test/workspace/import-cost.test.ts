import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { costsOf, manyFiles } from "../support/many-files.ts";

// What an import and its upload cost, counted: four times as many files may cost at most five times as much, in one folder
// and in many. `bench/many-files.node.bench.ts` tells the same of up to 16,000 files, and the times.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

describe.each([1, 200])("into %i folders", (folders) => {
  test("n files cost n chunks, n manifests and few more, and a second run next to nothing", async () => {
    const [small, large] = [await costsOf(server, 1_000, folders), await costsOf(server, 4_000, folders)];
    for (const [files, { first, again }] of [
      [1_000, small],
      [4_000, large],
    ] as const) {
      expect(first.chunks).toBe(files);
      // Each file and folder once, and a folder again for each batch that brings it something.
      expect(first.manifests).toBeLessThan(files + folders + 2 + (files / 256 + 2) * Math.min(folders + 1, 256));
      expect(first.transactions).toBeLessThan(1.1 * files);
      expect(first.requests).toBe(0);
      expect(again).toMatchObject({ chunks: 0, requests: 0 });
      expect(again.transactions).toBeLessThanOrEqual(1);
    }
    // Also of folders that all grow at once, each of which is rewritten as a whole.
    expect(large.first.bytes).toBeLessThan(4_000 * 1_000);
    // How many writes share a transaction depends on the moment; the bound for each file is above.
    for (const what of ["manifests", "bytes", "reads"] as const) {
      expect(large.first[what], what).toBeLessThanOrEqual(5 * small.first[what]);
    }
  });

  test("n files are uploaded with n blocks, n versions and few more requests, and as much work of the storage", async () => {
    const small = (await costsOf(server, 250, folders, { sync: true })).sync;
    const large = (await costsOf(server, 500, folders, { sync: true })).sync;
    if (small === undefined || large === undefined) throw new Error("both were to be uploaded");
    for (const [files, sync] of [
      [250, small],
      [500, large],
    ] as const) {
      expect(sync.requests).toBeLessThan(2 * files + folders + 12);
      // What was acknowledged, once.
      expect(sync.manifests).toBeLessThan(files + folders + 12);
      expect(sync.chunks).toBe(0);
      expect(sync.transactions).toBeLessThan(3 * files + 2 * folders + 24);
    }
    // Twice as many; the folders of both are the same ones.
    for (const what of ["manifests", "bytes", "reads", "requests"] as const) {
      expect(large[what], what).toBeLessThanOrEqual(2.1 * small[what]);
    }
  });
});

test("a second device that imports the same tree asks for all that it does not know in few requests", async () => {
  const files = 200;
  const devices = await LooseDevices.load(server);
  const here = await devices.open(0);
  await here.workspace.import(manyFiles(files, 1), "/in");
  await here.workspace.sync();
  const transport = hookedTransport();
  const there = await devices.open(1, { transport });
  await there.workspace.sync();
  transport.forget();
  const report = await there.workspace.import(manyFiles(files, 1), "/in");
  expect(report.unchanged).toHaveLength(files);
  expect(transport.sent.get("vlob_read_batch")).toBeLessThanOrEqual(3);
  await Promise.all([here.close(), there.close()]);
});
