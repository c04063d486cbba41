import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localTree } from "@parsec/cli";
import { EqualNamesError, type ImportEntry, maxFileSize, type Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Actor, actors, names, pattern, readAll, readText, workspaceOf } from "../support/two-devices.ts";

const blocksize = 512 * 1024;

let server: RunningServer;
let alice: Actor;
let workspace: Workspace;
let dir: string;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "parsec-import-"));
  [alice] = (await actors(server, [["Alice", 0]])) as [Actor];
  workspace = await workspaceOf(alice);
});
afterEach(async () => {
  await alice.close();
  await rm(dir, { recursive: true });
});

describe("import of a local tree", () => {
  test("brings files and folders, and tells what it left out", async () => {
    await mkdir(join(dir, "sub/empty"), { recursive: true });
    await writeFile(join(dir, "sub/a.txt"), "a");
    await writeFile(join(dir, "scratch.tmp"), "never synchronized");
    await symlink("sub/a.txt", join(dir, "link"));
    execFileSync("mkfifo", [join(dir, "pipe")]);
    const report = await workspace.import(localTree(dir), "/in");
    expect(report).toEqual({
      imported: ["/in/sub/a.txt"],
      unchanged: [],
      folders: 2,
      bytes: 1,
      skipped: [
        { path: "link", reason: "SYMBOLIC_LINK_OR_SPECIAL_FILE" },
        { path: "pipe", reason: "SYMBOLIC_LINK_OR_SPECIAL_FILE" },
        { path: "scratch.tmp", reason: "PREVENT_SYNC_PATTERN" },
      ],
    });
    expect(await names(workspace, "/in/sub")).toEqual(["a.txt", "empty"]);
  });

  test("a single file goes under its own name", async () => {
    await writeFile(join(dir, "one.txt"), "1");
    await workspace.import(localTree(join(dir, "one.txt")), "/");
    expect(await readText(workspace, "/one.txt")).toBe("1");
  });

  test("run again, it passes over what is there, and stores the blocks that differ alone", async () => {
    const content = pattern(3 * blocksize);
    await writeFile(join(dir, "big"), content);
    await writeFile(join(dir, "small"), "s");
    await workspace.import(localTree(dir), "/");
    await workspace.sync();
    expect(await workspace.import(localTree(dir), "/")).toMatchObject({ imported: [], unchanged: ["/big", "/small"] });
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    content[blocksize] = (content[blocksize] ?? 0) ^ 1;
    await writeFile(join(dir, "big"), content);
    await truncate(join(dir, "small"), 0);
    expect(await workspace.import(localTree(dir), "/")).toMatchObject({ imported: ["/big", "/small"], unchanged: [] });
    expect(await workspace.pendingUploads()).toEqual({ entries: 2, bytes: blocksize });
    expect(Buffer.compare(await readAll(workspace, "/big"), content)).toBe(0);
    expect(await readAll(workspace, "/small")).toHaveLength(0);
  });

  test("two names that are equal in NFC are an error that names both", async () => {
    const composed = "caf\u00e9";
    const decomposed = "cafe\u0301";
    await writeFile(join(dir, composed), "1");
    await writeFile(join(dir, decomposed), "2");
    const error = await workspace.import(localTree(dir), "/").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EqualNamesError);
    expect([...(error as EqualNamesError).names].sort()).toEqual([composed, decomposed].sort());
  });

  test("a name that no workspace may hold is left out", async () => {
    const entries: ImportEntry[] = [
      { kind: "file", names: ["x".repeat(256)], size: 1, open: () => "1" },
      { kind: "file", names: ["ok"], size: 1, open: () => "1" },
    ];
    const report = await workspace.import(entries, "/");
    expect(report.skipped).toEqual([{ path: "x".repeat(256), reason: "INVALID_NAME" }]);
    expect(report.imported).toEqual(["/ok"]);
  });

  test("a file that no manifest can hold is left out before it is read", async () => {
    const open = () => {
      throw new Error("read");
    };
    const tooLarge: ImportEntry = { kind: "file", names: ["huge"], size: maxFileSize + 1, open };
    const report = await workspace.import([tooLarge, { kind: "file", names: ["ok"], size: 1, open: () => "1" }], "/");
    expect(report.skipped).toEqual([{ path: "huge", reason: "TOO_LARGE" }]);
    expect(report.imported).toEqual(["/ok"]);
  });

  test("an abort stops between pieces; run again, it finishes", async () => {
    for (const name of ["a", "b", "c"]) await writeFile(join(dir, name), pattern(20 * blocksize, name.charCodeAt(0)));
    const stop = new AbortController();
    const importing = workspace.import(localTree(dir), "/", {
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 30 * blocksize) stop.abort(new Error("Ctrl-C"));
      },
    });
    await expect(importing).rejects.toThrow("Ctrl-C");
    expect(await names(workspace)).toContain("a");
    expect(await names(workspace)).not.toContain("b");
    expect(await workspace.import(localTree(dir), "/")).toMatchObject({ imported: ["/b", "/c"], unchanged: ["/a"] });
  });

  test("reports progress in bytes that grows to the total", async () => {
    for (const name of ["a", "b"]) await writeFile(join(dir, name), pattern(9 * blocksize));
    const seen: number[] = [];
    await workspace.import(localTree(dir), "/", { onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(18 * blocksize);
  });
});
