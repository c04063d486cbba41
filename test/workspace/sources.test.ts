import { createReadStream, type ReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { type ByteSource, type ImportEntry, type Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { comes } from "../support/patience.ts";
import { names, pattern, readAll, readText } from "../support/two-devices.ts";

// What becomes of the sources of a write or an import, whatever happens to it.

let server: RunningServer;
let dir: string;
let devices: LooseDevices;
let alice: OpenDevice;
let workspace: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-sources-"));
  await writeFile(join(dir, "file"), pattern(3_000_000));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  devices = await LooseDevices.load(server);
  alice = await devices.open(0);
  workspace = alice.workspace;
  await workspace.createFolder("/folder");
  await workspace.writeFile("/file", "here");
});
afterEach(() => alice.close());

/** A stream that never gives anything, and says when it was cancelled. */
function silentStream(): { readonly stream: ReadableStream<Uint8Array>; readonly cancelled: Promise<unknown> } {
  let tell: (reason: unknown) => void = () => undefined;
  const cancelled = new Promise<unknown>((resolve) => {
    tell = resolve;
  });
  const pull = () => new Promise<void>(() => undefined);
  return { stream: new ReadableStream<Uint8Array>({ pull, cancel: (reason) => tell(reason) }), cancelled };
}

/** What refuses a write before its source is read. */
const refusals: readonly (readonly [string, string, (source: ByteSource) => Promise<unknown>])[] = [
  ["a relative path", "NOT_ABSOLUTE", (source) => workspace.writeFile("file", source)],
  ["a missing folder", "PARENT_NOT_FOUND", (source) => workspace.writeFile("/no/file", source)],
  ["a file in the path", "PARENT_IS_FILE", (source) => workspace.writeFile("/file/x", source)],
  ["a folder in its place", "ENTRY_IS_FOLDER", (source) => workspace.writeFile("/folder", source)],
  ["the root", "CANNOT_CHANGE_ROOT", (source) => workspace.writeFile("/", source)],
  [
    "a closed workspace",
    "SESSION_CLOSED",
    async (source) => {
      await alice.session.close();
      await workspace.writeFile("/file", source);
    },
  ],
];

describe.each(refusals)("a write refused for %s", (_, code, write) => {
  test("cancels a stream", async () => {
    const { stream, cancelled } = silentStream();
    await expect(write(stream)).rejects.toMatchObject({ code });
    await comes("the source to be cancelled", cancelled);
  });

  test("closes the files of 50 streams", async () => {
    const streams = Array.from({ length: 50 }, () => createReadStream(join(dir, "file")));
    await Promise.all(streams.map((stream) => expect(write(stream)).rejects.toMatchObject({ code })));
    await allClosed(streams);
  });

  test("does not mind streams whose file is missing", async () => {
    const stream = createReadStream(join(dir, "missing"));
    await expect(write(stream)).rejects.toMatchObject({ code });
    await allClosed([stream]);
  });
});

async function allClosed(streams: readonly ReadStream[]): Promise<void> {
  const ends = streams.filter((stream) => !stream.closed).map((stream) => finished(stream).catch(() => undefined));
  await Promise.all(ends);
  expect(streams.every((stream) => stream.closed && stream.destroyed)).toBe(true);
}

describe("a source that never answers", () => {
  test("does not hold up an abort", async () => {
    const { stream, cancelled } = silentStream();
    const stop = new AbortController();
    const writing = workspace.writeFile("/new", stream, { signal: stop.signal });
    const reason = new Error("enough");
    setImmediate(() => stop.abort(reason));
    await expect(writing).rejects.toBe(reason);
    await comes("the source to be cancelled", cancelled);
    expect(await names(workspace)).not.toContain("new");
  });

  test("does not hold up the end of the session", async () => {
    const { stream, cancelled } = silentStream();
    const writing = workspace.writeFile("/new", stream);
    setImmediate(() => void alice.session.close());
    await expect(writing).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED$/) });
    await comes("the source to be cancelled", cancelled);
  });

  test("does not hold up another write to the same path", async () => {
    const { stream } = silentStream();
    const stop = new AbortController();
    const writing = workspace.writeFile("/file", stream, { signal: stop.signal });
    await workspace.writeFile("/file", "other");
    expect(await readText(workspace, "/file")).toBe("other");
    stop.abort(new Error("enough"));
    await expect(writing).rejects.toThrow("enough");
  });
});

describe("a tree that never answers", () => {
  function silentTree(): { readonly tree: AsyncIterable<ImportEntry>; readonly returned: Promise<void> } {
    let tell = () => {};
    const returned = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const iterator = {
      next: () => new Promise<IteratorResult<ImportEntry>>(() => undefined),
      return: () => {
        tell();
        return new Promise<IteratorResult<ImportEntry>>(() => undefined);
      },
    };
    return { tree: { [Symbol.asyncIterator]: () => iterator }, returned };
  }

  test("does not hold up an abort", async () => {
    const { tree, returned } = silentTree();
    const stop = new AbortController();
    const importing = workspace.import(tree, "/in", { signal: stop.signal });
    setImmediate(() => stop.abort(new Error("enough")));
    await expect(importing).rejects.toThrow("enough");
    await comes("the tree to be let go", returned);
  });

  test("does not hold up the end of the session", async () => {
    const { tree, returned } = silentTree();
    const importing = workspace.import(tree, "/in");
    setImmediate(() => void alice.session.close());
    await expect(importing).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED$/) });
    await comes("the tree to be let go", returned);
  });

  test("is told when the import is refused, and when an entry fails it", async () => {
    const refused = silentTree();
    await expect(workspace.import(refused.tree, "/file")).rejects.toMatchObject({ code: "ENTRY_EXISTS" });
    await refused.returned;
    const failing = silentTree();
    const tree = {
      async *[Symbol.asyncIterator](): AsyncGenerator<ImportEntry, void, undefined> {
        yield { kind: "file", names: ["x"], size: 1, open: () => [5] as unknown as ByteSource };
        yield* failing.tree as AsyncIterable<ImportEntry>;
      },
    };
    await expect(workspace.import(tree, "/in")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("content in other forms", () => {
  const words = Uint16Array.from({ length: 400_000 }, (_, i) => i);
  const bytes = new Uint8Array(words.buffer);

  test.each<readonly [string, () => ByteSource]>([
    ["a Uint16Array", () => words],
    ["an iterable of Uint16Arrays", () => [words.subarray(0, 300_000), words.subarray(300_000)]],
    [
      "a stream of ArrayBuffers",
      () =>
        new Blob([words]).stream().pipeThrough(
          new TransformStream({
            transform: (piece: Uint8Array, controller) => controller.enqueue(piece.slice().buffer),
          }),
        ),
    ],
  ])("%s is stored whole", async (_, source) => {
    await workspace.writeFile("/words", source());
    expect(Buffer.compare(await readAll(workspace, "/words"), bytes)).toBe(0);
  });

  test("texts are stored as UTF-8", async () => {
    await workspace.writeFile("/text", ["gr\u00fc\u00df", " \ud83d", "\ude00"]);
    expect(await readText(workspace, "/text")).toBe("gr\u00fc\u00df \u{1f600}");
  });

  test("what is no content is refused, and the file stays", async () => {
    for (const source of [5, null, undefined, {}, [5], ["\ud83d"]]) {
      await expect(workspace.writeFile("/file", source as unknown as ByteSource)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
    expect(await readText(workspace, "/file")).toBe("here");
  });
});

describe("sources in memory alone", () => {
  test("let a timer cancel a write", async () => {
    const endless = (function* () {
      for (;;) yield new Uint8Array(100);
    })();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("timer")), 0);
    await expect(workspace.writeFile("/new", endless, { signal: stop.signal })).rejects.toThrow("timer");
  });

  test("let a timer cancel an import", async () => {
    const endless = (function* (): Generator<ImportEntry, void, undefined> {
      for (let i = 0; ; i += 1) yield { kind: "file", names: [`f${i}`], size: 1, open: () => "x" };
    })();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("timer")), 0);
    await expect(workspace.import(endless, "/in", { signal: stop.signal })).rejects.toThrow("timer");
    // What was read completely is there.
    expect((await names(workspace, "/in")).length).toBeLessThan(1_000_000);
  });

  test("let a timer cancel a read", async () => {
    await workspace.writeFile("/large", pattern(4_000_000));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("timer")), 0);
    const readOn = async () => {
      for (;;) for await (const _ of await workspace.readFile("/large", { signal: stop.signal })) continue;
    };
    await expect(readOn()).rejects.toThrow("timer");
  });
});

describe("arguments", () => {
  test.each([-5, Number.NaN, 1.5, "1", null])("an offset or size of %s is refused by name", async (value) => {
    const wrong = value as number;
    await expect(workspace.readFile("/file", { offset: wrong })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      argument: "offset",
    });
    await expect(workspace.readFile("/file", { size: wrong })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      argument: "size",
    });
  });

  test("a tree that is none is refused by name", async () => {
    for (const entries of [5, null, {}, undefined]) {
      await expect(workspace.import(entries as unknown as ImportEntry[], "/in")).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        argument: "entries",
      });
    }
  });

  test("a file where a folder is asked for is in the way", async () => {
    const inTheWay = { code: "ENTRY_EXISTS" };
    await expect(workspace.createFolder("/file", { recursive: true })).rejects.toMatchObject(inTheWay);
    await expect(workspace.import([], "/file")).rejects.toMatchObject(inTheWay);
    const folder: ImportEntry = { kind: "folder", names: ["file"] };
    await expect(workspace.import([folder], "/")).rejects.toMatchObject(inTheWay);
    const below: ImportEntry = { kind: "file", names: ["file", "x"], size: 1, open: () => "x" };
    await expect(workspace.import([folder, below], "/")).rejects.toMatchObject(inTheWay);
    expect(await readText(workspace, "/file")).toBe("here");
  });
});
