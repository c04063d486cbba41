import type { ImportEntry } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { meddledDriver } from "../support/meddled-driver.ts";

// What an import costs, counted: four times as many files may cost at most five times as much, in one folder and in many.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

function* tree(files: number, folders: number): Generator<ImportEntry, void, undefined> {
  for (let folder = 0; folder < folders; folder += 1) yield { kind: "folder", names: [`d${folder}`] };
  for (let i = 0; i < files; i += 1) {
    yield { kind: "file", names: [`d${i % folders}`, `f${i}`], size: 5, open: () => String(i).padStart(5) };
  }
}

interface Cost {
  /** Rows of manifests, of files and of folders. */
  readonly manifests: number;
  readonly chunks: number;
  readonly transactions: number;
  readonly requests: number;
}

interface Costs {
  readonly first: Cost;
  /** Of a second run that finds everything there. */
  readonly again: Cost;
}

async function costs(files: number, folders: number): Promise<Costs> {
  const devices = await LooseDevices.load(server);
  const storage = meddledDriver(memoryDriver());
  const transport = hookedTransport();
  const { workspace, close } = await devices.open(0, { storage, transport });
  const measure = async (): Promise<Cost> => {
    storage.forget();
    transport.forget();
    const report = await workspace.import(tree(files, folders), "/in");
    expect(report.imported.length + report.unchanged.length).toBe(files);
    return {
      manifests: storage.written.get("put_vlob") ?? 0,
      chunks: storage.written.get("put_chunk") ?? 0,
      transactions: storage.transactions,
      requests: [...transport.sent.values()].reduce((sum, count) => sum + count, 0),
    };
  };
  const result = { first: await measure(), again: await measure() };
  await close();
  return result;
}

describe.each([1, 200])("into %i folders", (folders) => {
  test("n files cost n chunks, n manifests and few more, and a second run next to nothing", async () => {
    const [small, large] = [await costs(1_000, folders), await costs(4_000, folders)];
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
    expect(large.first.manifests).toBeLessThanOrEqual(5 * small.first.manifests);
    expect(large.first.transactions).toBeLessThanOrEqual(5 * small.first.transactions);
  });
});

test("a second device that imports the same tree asks for all that it does not know in few requests", async () => {
  const files = 200;
  const devices = await LooseDevices.load(server);
  const here = await devices.open(0);
  await here.workspace.import(tree(files, 1), "/in");
  await here.workspace.sync();
  const transport = hookedTransport();
  const there = await devices.open(1, { transport });
  await there.workspace.sync();
  transport.forget();
  const report = await there.workspace.import(tree(files, 1), "/in");
  expect(report.unchanged).toHaveLength(files);
  expect(transport.sent.get("vlob_read_batch")).toBeLessThanOrEqual(3);
  await Promise.all([here.close(), there.close()]);
});
