import type { ImportEntry } from "@parsec/client";
import type { RunningServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { expect } from "vitest";
import { hookedTransport } from "./hooked-transport.ts";
import { LooseDevices } from "./loose-devices.ts";
import { meddledDriver } from "./meddled-driver.ts";

/** Folders `d0`, `d1`…, and files of five bytes that are dealt out to them. */
export function* manyFiles(files: number, folders: number): Generator<ImportEntry, void, undefined> {
  for (let folder = 0; folder < folders; folder += 1) yield { kind: "folder", names: [`d${folder}`] };
  for (let i = 0; i < files; i += 1) {
    yield { kind: "file", names: [`d${i % folders}`, `f${i}`], size: 5, open: () => String(i).padStart(5) };
  }
}

/** The work of one step, counted. */
export interface Cost {
  /** Rows of manifests, of files and of folders. */
  readonly manifests: number;
  readonly chunks: number;
  /** Of these rows. */
  readonly bytes: number;
  /** Writing transactions. */
  readonly transactions: number;
  /** Calls of the storage that write no manifest and no chunk. */
  readonly reads: number;
  readonly requests: number;
  /** For people only: tests do not look at it. */
  readonly ms: number;
}

export interface Costs {
  readonly first: Cost;
  /** Of a second import that finds everything there. */
  readonly again: Cost;
  /** Of the upload; `undefined` unless it was asked for. */
  readonly sync: Cost | undefined;
}

/** Imports so many files into so many folders, twice, and uploads them if asked to. */
export async function costsOf(
  server: RunningServer,
  files: number,
  folders: number,
  options: { readonly sync?: boolean } = {},
): Promise<Costs> {
  const devices = await LooseDevices.load(server);
  const storage = meddledDriver(memoryDriver());
  const transport = hookedTransport();
  const { workspace, close } = await devices.open(0, { storage, transport });
  const measure = async (step: () => Promise<void>): Promise<Cost> => {
    storage.forget();
    transport.forget();
    const start = performance.now();
    await step();
    return {
      manifests: storage.written.get("put_vlob") ?? 0,
      chunks: storage.written.get("put_chunk") ?? 0,
      bytes: storage.bytes,
      transactions: storage.transactions,
      reads: storage.calls - storage.transactions,
      requests: [...transport.sent.values()].reduce((sum, count) => sum + count, 0),
      ms: Math.round(performance.now() - start),
    };
  };
  const importAll = async () => {
    const report = await workspace.import(manyFiles(files, folders), "/in");
    expect(report.imported.length + report.unchanged.length).toBe(files);
  };
  const first = await measure(importAll);
  const again = await measure(importAll);
  const sync = options.sync === true ? await measure(() => workspace.sync()) : undefined;
  if (sync !== undefined) expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await close();
  return { first, again, sync };
}
