import {
  type ByteSource,
  createParsec,
  type ImportEntry,
  type Parsec,
  password,
  type Session,
  type Workspace,
} from "@parsec/client";
import { OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";

// Content in a page: its streams, its Blobs, and IndexedDB.

const blocksize = 512 * 1024;
const first = pattern(4 * blocksize + 17, 1);

let parsec: Parsec;
let alice: Session;
let docs: Workspace;

beforeEach(async () => {
  const organizationId = OrganizationId.parse(`Web${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`);
  const address = {
    ...parseServerHttpUrl(inject("serverUrl")),
    kind: "organization_bootstrap",
    organizationId,
  } as const;
  parsec = await createParsec({ dir: `test-${crypto.randomUUID()}`, sync: "manual" });
  alice = await parsec.bootstrap(
    { ...address, token: null },
    {
      human: { email: "alice@example.com", label: "Alice" },
      deviceLabel: "browser",
      protection: password("P@ss"),
    },
  );
  docs = await alice.workspaces.create("Docs");
});
afterEach(async () => {
  await alice.close();
  await parsec.close();
});

function pattern(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed * 2654435761;
  for (let i = 0; i < size; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value.slice());
  }
}

async function readAll(path: string): Promise<Uint8Array> {
  return rest((await docs.readFile(path)).getReader());
}

function isSame(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((byte, at) => byte === two[at]);
}

describe("sources of a page", () => {
  test.each<readonly [string, () => ByteSource]>([
    ["a Blob", () => new Blob([first])],
    ["a File", () => new File([first], "name")],
    ["the body of a Response", () => new Response(first).body ?? ""],
    ["an ArrayBuffer", () => first.slice().buffer],
    ["a stream that is decompressed", () => packed().pipeThrough(new DecompressionStream("gzip"))],
  ])("%s is stored whole, and comes back after it was uploaded", async (_, source) => {
    expect(await docs.writeFile("/file", source())).toMatchObject({ size: first.length });
    expect(isSame(await readAll("/file"), first)).toBe(true);
    await docs.sync();
    expect(await docs.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    expect(isSame(await readAll("/file"), first)).toBe(true);
  });

  function packed(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new Blob([first]).stream().pipeThrough(new CompressionStream("gzip"));
  }

  test("a refused stream is cancelled, and one that never answers does not hold up an abort", async () => {
    let cancelled = 0;
    const silent = () =>
      new ReadableStream<Uint8Array>({
        pull: () => new Promise(() => undefined),
        cancel: () => {
          cancelled += 1;
        },
      });
    await expect(docs.writeFile("/no/file", silent())).rejects.toMatchObject({ code: "PARENT_NOT_FOUND" });
    const stop = new AbortController();
    const writing = docs.writeFile("/file", silent(), { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")));
    await expect(writing).rejects.toThrow("enough");
    expect(cancelled).toBe(2);
  });

  test("a timer stops a write and an import from memory", async () => {
    const endless = (function* () {
      for (;;) yield new Uint8Array(100);
    })();
    const tree = (function* (): Generator<ImportEntry, void, undefined> {
      for (let i = 0; ; i += 1) yield { kind: "file", names: [`f${i}`], size: 1, open: () => "x" };
    })();
    for (const run of [
      (signal: AbortSignal) => docs.writeFile("/file", endless, { signal }),
      (signal: AbortSignal) => docs.import(tree, "/in", { signal }),
    ]) {
      const stop = new AbortController();
      setTimeout(() => stop.abort(new Error("timer")));
      await expect(run(stop.signal)).rejects.toThrow("timer");
    }
  });
});

describe("a read that has begun", () => {
  const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["replaced", () => docs.writeFile("/file", "new")],
    ["uploaded, and replaced", () => docs.sync().then(() => docs.writeFile("/file", "new"))],
    ["replaced, and uploaded", () => docs.writeFile("/file", "new").then(() => docs.sync())],
    ["removed", () => docs.remove("/file")],
  ];

  test.each(changes)("gives the file as it was, though it is %s meanwhile", async (_, change) => {
    await docs.writeFile("/file", first);
    const reader = (await docs.readFile("/file")).getReader();
    const { value: begin } = await reader.read();
    await change();
    await docs.purge();
    const end = await rest(reader);
    expect(isSame(new Uint8Array(await new Blob([begin?.slice() ?? "", end.slice()]).arrayBuffer()), first)).toBe(true);
  });

  test("gives it up when it is cancelled, or when the session ends", async () => {
    await docs.writeFile("/file", first);
    const left = (await docs.readFile("/file")).getReader();
    await left.read();
    await left.cancel();
    const ended = (await docs.readFile("/file")).getReader();
    await ended.read();
    await alice.close();
    await expect(ended.read()).rejects.toMatchObject({ code: expect.stringMatching(/CLOSED$/) });
  });
});

test("an import of many small files, and what it left out", async () => {
  const tree = (function* (): Generator<ImportEntry, void, undefined> {
    yield { kind: "folder", names: ["d"] };
    for (let i = 0; i < 300; i += 1) {
      yield { kind: "file", names: ["d", `f${i}`], size: 3, open: () => new Blob([`${i}`]) };
    }
    const missing = () => {
      throw new DOMException("no", "NotFoundError");
    };
    yield { kind: "file", names: ["d", "gone"], size: 3, open: missing };
  })();
  const report = await docs.import(tree, "/in");
  expect(report).toMatchObject({ folders: 1, skipped: [{ path: "d/gone", reason: "VANISHED" }] });
  expect(report.imported).toHaveLength(300);
  expect(new TextDecoder().decode(await readAll("/in/d/f299"))).toBe("299");
});

test("a file that is kept here can be read without the server", async () => {
  await docs.writeFile("/kept", first);
  await docs.sync();
  await docs.makeLocal("/kept");
  const { id } = docs;
  await docs.close();
  docs = await alice.workspaces.get(id);
  await docs.purge();
  expect(await docs.isLocal("/kept")).toBe(true);
  expect(isSame(await readAll("/kept"), first)).toBe(true);
  await docs.release("/kept");
  expect(await docs.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
});

describe("a file that is open", () => {
  test("is read and written anywhere, by streams too, and is there after the end of the session", async () => {
    const handle = await docs.open("/open", { createNew: true, read: true, write: true });
    await new Blob([first]).stream().pipeTo(handle.writable({ at: 7 }));
    await handle.write(3 * 1024 ** 3, new Uint8Array([1, 2, 3]));
    await handle.write(0, new Uint8Array([9]));
    expect(isSame(await handle.read(7, first.length), first)).toBe(true);
    expect(await handle.read(3 * 1024 ** 3 - 1, 10)).toEqual(new Uint8Array([0, 1, 2, 3]));
    await handle.resize(first.length + 7);
    await docs.move("/open", "/moved");
    expect(await handle.path()).toBe("/moved");
    const id = docs.id;
    await docs.close();
    await expect(handle.read(0, 1)).rejects.toMatchObject({ code: "WORKSPACE_CLOSED" });
    docs = await alice.workspaces.get(id);
    const again = await docs.open("/moved");
    const content = await rest(again.readable().getReader());
    expect([content[0], content[1], content.length]).toEqual([9, 0, first.length + 7]);
    expect(isSame(content.subarray(7), first)).toBe(true);
    await again.close();
    await docs.sync();
    expect(isSame((await readAll("/moved")).subarray(7), first)).toBe(true);
  });
});
