import type { EntryChange, Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf } from "../support/assertions.ts";
import { someDevices } from "../support/some-devices.ts";
import { settled } from "../support/tree-of.ts";

// Changes of an entry, told as they come: each once, by whoever they are.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

/** What a watcher is told by the time that `marker`, which it watches too, is changed. */
class Watcher {
  readonly #iterator: AsyncGenerator<EntryChange, void, undefined>;

  constructor(workspace: Workspace, path: string, options?: { recursive?: boolean }) {
    this.#iterator = workspace.watch(path, options);
  }

  async next(): Promise<EntryChange> {
    const { value } = await this.#iterator.next();
    if (value === undefined) throw new Error("it has ended");
    return value;
  }

  async end(): Promise<void> {
    await this.#iterator.return();
  }
}

test("one entry: its content, its own version of others, and what is created in it; nothing else", async () => {
  const [one, two] = await someDevices(server, 2);
  const { workspace } = one;
  await workspace.createFolder("/d");
  const { id: file } = await workspace.writeFile("/d/f", "1");
  await workspace.writeFile("/other", "1");
  const { id: folder } = await workspace.stat("/d");
  await workspace.sync();
  await two.workspace.sync();
  const events: unknown[] = [];
  one.session.events.on("watched_entry_changed", ({ entryId }) => events.push(entryId));
  const [onFile, onFolder] = [new Watcher(workspace, "/d/f"), new Watcher(workspace, "/d")];

  // Not a change of the folder, nor of another file.
  await workspace.writeFile("/other", "2");
  await workspace.writeFile("/d/f", "2");
  expect(await onFile.next()).toEqual({ id: file, path: "/d/f" });
  await workspace.move("/d/f", "/d/g");
  expect(await onFolder.next()).toEqual({ id: folder, path: "/d" });
  await workspace.move("/d/g", "/h");
  expect(await onFile.next()).toEqual({ id: file, path: "/h" });
  expect(await onFolder.next()).toEqual({ id: folder, path: "/d" });

  await settled(workspace, two.workspace);
  await onFolder.end();
  const onlyRemote = new Watcher(workspace, "/h");
  await two.workspace.writeFile("/h", "from elsewhere");
  await settled(two.workspace, workspace);
  expect(await onlyRemote.next()).toEqual({ id: file, path: "/h" });
  await onlyRemote.end();
  await onFile.end();
  expect(new Set(events)).toEqual(new Set([file, folder]));
});

test("several changes that nobody has asked for yet are told once", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  const { id } = await workspace.writeFile("/f", "0");
  const watcher = new Watcher(workspace, "/f");
  for (let i = 0; i < 5; i += 1) await workspace.writeFile("/f", `content ${i}`);
  expect(await watcher.next()).toEqual({ id, path: "/f" });
  const next = watcher.next();
  await workspace.remove("/f");
  await workspace.writeFile("/f", "another file");
  const late = await Promise.race([next, Promise.resolve("nothing")]);
  expect(late).toBe("nothing");
  await workspace.close();
  await expect(next).rejects.toThrow("it has ended");
});

test("a file that is open tells of its change when it is closed", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  const { id } = await workspace.writeFile("/f", "0");
  const watcher = new Watcher(workspace, "/f");
  const handle = await workspace.open("/f", { write: true });
  await handle.write(0, new Uint8Array(3));
  await handle.flush();
  const next = watcher.next();
  expect(await Promise.race([next, workspace.stat("/f").then(() => "nothing")])).toBe("nothing");
  await handle.close();
  expect(await next).toEqual({ id, path: "/f" });
});

test("recursively: what is below, too, and where it is by then", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  await workspace.createFolder("/d/e", { recursive: true });
  const { id } = await workspace.writeFile("/d/e/f", "1");
  await workspace.createFile("/outside");
  const watcher = new Watcher(workspace, "/d", { recursive: true });
  await workspace.writeFile("/outside", "2");
  await workspace.writeFile("/d/e/f", "2");
  expect(await watcher.next()).toEqual({ id, path: "/d/e/f" });
  const created = await workspace.createFile("/d/new");
  const told = [await watcher.next(), await watcher.next()].map(({ path }) => path).sort();
  expect(told).toEqual(["/d", "/d/new"]);
  expect(await workspace.statById(created)).toMatchObject({ kind: "file" });
});

test("ends with its signal, and is refused for what is not there", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  expect(await codeOf(workspace.watch("/none").next())).toBe("ENTRY_NOT_FOUND");
  const stop = new AbortController();
  const next = workspace.watch("/", { signal: stop.signal }).next();
  stop.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
});
