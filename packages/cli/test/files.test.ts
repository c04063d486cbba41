import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { printable } from "../src/printable.ts";
import { type RunOptions, run } from "./run.ts";

// One session at a shell, on a real server and real folders: files, workspaces, devices, status.

let server: RunningServer;
let dir: string;
let deviceId: string | undefined;

beforeAll(async () => {
  server = await startServer({ dev: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-cli-"));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

function alice(argv: readonly string[], options: Partial<RunOptions> = {}) {
  return run(argv, { dir: join(dir, "alice"), ...options });
}

/** What a command that has to succeed prints. */
async function told(argv: readonly string[], options: Partial<RunOptions> = {}): Promise<readonly string[]> {
  const { code, printed, errors } = await alice(argv, options);
  expect({ code, errors }, argv.join(" ")).toEqual({ code: 0, errors: [] });
  return printed;
}

async function toldJson(argv: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  return (await told([...argv, "--json"])).map((line) => JSON.parse(line));
}

test("a device, workspaces, and names of others", async () => {
  const link = await server.createOrganization("Cli");
  [deviceId] = await told(["organization", "bootstrap", link, "--email", "alice@example.com", "--label", "Alice"]);
  expect(await told(["device", "list"])).toEqual([`${deviceId}  Cli  Alice <alice@example.com>  command line`]);
  expect(await toldJson(["device", "info"])).toMatchObject([
    { id: deviceId, protection: "password", secondFactor: false },
  ]);

  const [docs] = await told(["workspace", "create", "Docs"]);
  expect(await told(["workspace", "list"])).toEqual([`${docs}  OWNER  Docs`]);
  expect(await told(["ls", docs ?? ""])).toEqual([]);
  const [evil] = await told(["workspace", "create", "Docs\u001b[31m\u202e\nDocs"]);
  expect(await told(["workspace", "list"])).toContain(`${evil}  OWNER  Docs\\u{1b}[31m\\u{202e}\\u{a}Docs`);
  const escaped = await told(["workspace", "list", "--json"]);
  expect(escaped.map(printable)).toEqual(escaped);
  expect(escaped.map((line) => JSON.parse(line).name)).toContain("Docs\u001b[31m\u202e\nDocs");
});

test("stores, lists, finds and gets files", async () => {
  const source = join(dir, "source");
  await mkdir(join(source, "sub"), { recursive: true });
  await writeFile(join(source, "sub", "a.txt"), "content");
  await writeFile(join(source, "b.txt"), "b");
  await writeFile(join(source, "x.tmp"), "scratch");
  expect(await alice(["put", "Docs", source, "/2026"])).toMatchObject({
    code: 0,
    errors: ["left out: x.tmp (PREVENT_SYNC_PATTERN)"],
    printed: ["2 files stored, 0 unchanged, 1 folders, 8 bytes"],
  });
  expect(await told(["put", "Docs", "-", "/pipe.txt", "-q"], { input: "from a pipe" })).toEqual([]);

  expect(await told(["ls", "Docs", "/2026"])).toEqual(["b.txt", "sub/"]);
  expect(await told(["ls", "-R", "Docs"])).toEqual([
    "/2026/",
    "/2026/b.txt",
    "/2026/sub/",
    "/2026/sub/a.txt",
    "/pipe.txt",
  ]);
  const [line = ""] = await told(["ls", "-l", "Docs", "/2026/sub"]);
  expect(line).toMatch(/^ +7 {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}a\.txt$/);
  expect(await toldJson(["stat", "Docs", "/2026/sub/a.txt"])).toMatchObject([
    { type: "entry", kind: "file", size: 7, pending: false, updatedBy: deviceId },
  ]);
  expect(await told(["tree", "Docs", "/2026"])).toEqual(["/2026", "  b.txt", "  sub/", "    a.txt"]);
  expect(await told(["du", "Docs"])).toEqual(["19 bytes in 3 files and 2 folders"]);
  expect(await told(["find", "Docs", "*.txt", "--in", "/2026"])).toEqual(["/2026/b.txt", "/2026/sub/a.txt"]);
  expect((await alice(["cat", "Docs", "/pipe.txt"])).output.toString()).toBe("from a pipe");

  const target = join(dir, "target");
  expect(await told(["get", "Docs", "/2026", target])).toEqual(["2 files written, 0 unchanged, 8 bytes"]);
  expect(await readFile(join(target, "sub", "a.txt"), "utf8")).toBe("content");
  await rm(join(target, "b.txt"));
  expect(await told(["get", "Docs", "/2026", target])).toEqual(["1 files written, 1 unchanged, 1 bytes"]);
  expect((await readdir(target)).sort()).toEqual(["b.txt", "sub"]);
  expect((await alice(["get", "Docs", "/2026/b.txt", "-"])).output.toString()).toBe("b");
});

test("arranges files", async () => {
  await told(["mkdir", "-p", "Docs", "/x/y"]);
  await told(["cp", "Docs", "/2026/sub", "/x/copy"]);
  expect(await told(["mv", "Docs", "/x/copy", "/x/moved"])).toEqual(["/x/copy is now /x/moved"]);
  expect(await alice(["mv", "Docs", "/pipe.txt", "/2026/b.txt"])).toMatchObject({ code: 6 });
  expect(await told(["mv", "--replace", "Docs", "/pipe.txt", "/2026/b.txt", "--quiet"])).toEqual([]);
  expect(await alice(["rm", "Docs", "/x"])).toMatchObject({ code: 6 });
  await told(["rm", "-r", "Docs", "/x"]);
  expect(await told(["ls", "Docs"])).toEqual(["2026/"]);
});

test("goes back in time, links, keeps files at hand", async () => {
  const before = await toldJson(["history", "Docs", "/2026/sub/a.txt"]);
  expect(before).toMatchObject([{ type: "version", version: 1, size: 7, by: "Alice <alice@example.com>" }]);
  const moment = new Date().toISOString();
  await told(["put", "Docs", "-", "/2026/sub/a.txt"], { input: "other" });
  await told(["restore", "Docs", "/2026/sub/a.txt", "--at", moment]);
  expect((await alice(["cat", "Docs", "/2026/sub/a.txt"])).output.toString()).toBe("content");
  expect((await toldJson(["history", "Docs", "/", "--removed"])).map(({ path }) => path)).toContain("/x");

  const [pathLink = ""] = await told(["link", "Docs", "/2026/b.txt"]);
  expect(await told(["link", "--open", "Docs", pathLink])).toEqual(["/2026/b.txt"]);
  expect(await told(["offline", "add", "Docs", "/2026"])).toEqual(["/2026 is kept on this device"]);
  expect(await told(["offline", "remove", "Docs", "/2026"])).toEqual(["/2026 may leave this device"]);
});

test("cares for workspaces", async () => {
  await told(["workspace", "rename", "Docs", "Papers"]);
  await told(["workspace", "rotate-key", "Papers"]);
  expect(await told(["workspace", "verify", "Papers"])).toEqual(["Nothing is wrong"]);
  expect(await toldJson(["workspace", "info", "Papers"])).toMatchObject([{ members: 1, pending: { entries: 0 } }]);
  await told(["workspace", "archive", "Papers"]);
  expect(await alice(["mkdir", "Papers", "/no"])).toMatchObject({ code: 4 });
  await told(["workspace", "archive", "Papers", "--undo"]);
});

test("tells of the organization, and what happens", async () => {
  const [usage] = await toldJson(["organization", "info"]);
  expect(usage).toMatchObject({ id: "Cli" });
  expect(usage?.["blockBytes"]).toBeGreaterThan(0);
  expect((await toldJson(["organization", "config", server.url]))[0]).toMatchObject({ type: "server" });
  expect((await toldJson(["status"]))[0]).toMatchObject({ connection: "online", device: deviceId });
  expect(await told(["events", "--count", "2"])).toHaveLength(2);
});

test("a second device, and what it changes, is seen", async () => {
  const file = join(dir, "alice.psrk");
  const exported = await alice(["device", "recovery", "export", file]);
  const env = { PARSEC_PASSWORD: "Second", PARSEC_PASSPHRASE: exported.printed[0] ?? "" };
  const other = { dir: join(dir, "second"), env };
  expect(await alice(["device", "recovery", "import", file, "--device-label", "second"], other)).toMatchObject({
    code: 0,
  });
  const watching = alice(["watch", "Papers", "-R", "--count", "1"], {
    onError: (note) => {
      if (note === "Watching /") void alice(["put", "Papers", "-", "/heard.txt"], { ...other, input: "!" });
    },
  });
  expect(await watching).toMatchObject({ code: 0, printed: [expect.stringMatching(/^\//)] });
});

test("people and their devices", async () => {
  const [invited] = await toldJson(["user", "invite", "bob@example.com"]);
  expect(await toldJson(["invitation", "list"])).toMatchObject([
    { kind: "USER", claimer: "bob@example.com", status: "PENDING" },
  ]);
  await told(["invitation", "cancel", String(invited?.["token"])]);
  expect(await alice(["invitation", "cancel", String(invited?.["token"])])).toMatchObject({ code: 6 });
  expect(await told(["device", "invite"])).toHaveLength(1);
  const [self] = await toldJson(["user", "list"]);
  expect(self).toMatchObject({ email: "alice@example.com", profile: "ADMIN", revokedOn: null });
  expect(await toldJson(["user", "info", "alice@example.com"])).toMatchObject([{ id: self?.["id"] }]);
  expect(await alice(["user", "revoke", "alice@example.com"])).toMatchObject({ code: 4 });
  expect(await alice(["user", "profile", "alice@example.com", "STANDARD"])).toMatchObject({ code: 4 });
  expect(await toldJson(["workspace", "members", "Papers"])).toMatchObject([
    { role: "OWNER", email: "alice@example.com" },
  ]);
  expect(await alice(["workspace", "share", "Papers", "alice@example.com", "--role", "READER"])).toMatchObject({
    code: 4,
  });
  expect(await alice(["workspace", "unshare", "Papers", "alice@example.com"])).toMatchObject({ code: 4 });

  const changing = ["device", "protect", "--new-password-fd", "3"];
  await told(changing, { descriptors: new Map([[3, "N3w"]]) });
  expect(await alice(["status"])).toMatchObject({
    code: 4,
    errors: [expect.stringMatching(/^DECRYPTION_FAILED: /), expect.stringMatching(/^ {2}cause: DECRYPTION: /)],
  });
  await told(["status", "--password-fd", "4"], { descriptors: new Map([[4, "N3w"]]) });
  await told(["status"], { env: {}, answer: async (prompt) => (prompt === "Password" ? "N3w" : "") });
  const second = { dir: join(dir, "second") };
  const [device] = (await alice(["device", "list", "--json"], second)).printed.map((line) => JSON.parse(line));
  expect(await alice(["device", "remove"], second)).toMatchObject({ code: 2 });
  expect(await alice(["device", "archive", "--device", "second"], second)).toMatchObject({ code: 0 });
  expect(await alice(["device", "remove", "--device", device.id], second)).toMatchObject({ code: 3 });
});

test("says what went wrong, where, and exits with the code of its class", async () => {
  expect(await alice(["put", "Papers"])).toMatchObject({
    code: 2,
    errors: ["USAGE: missing required argument 'source': see parsec --help"],
  });
  expect(await alice(["nonsense"])).toMatchObject({ code: 2 });
  expect(await alice(["workspace"])).toMatchObject({ code: 2, printed: [] });
  expect(await alice(["status", "--timeout", "soon"])).toMatchObject({ code: 2 });
  expect(await alice(["status", "--device", "nothing"])).toMatchObject({ code: 3 });
  const env = { PARSEC_PASSWORD: "N3w" };
  expect(await alice(["ls", "Missing"], { env })).toMatchObject({ code: 3 });
  expect(await alice(["cat", "Papers", "/missing"], { env })).toMatchObject({ code: 3 });
  expect(await alice(["put", "Papers", join(dir, "missing")], { env })).toMatchObject({ code: 3 });
  const json = await alice(["cat", "Papers", "/missing", "--json"], { env });
  expect(JSON.parse(json.errors[0] ?? "")).toMatchObject({
    type: "error",
    code: "ENTRY_NOT_FOUND",
    exitCode: 3,
    causes: [],
  });
  expect(await alice(["events", "--timeout", "0.3"], { env })).toMatchObject({ code: 5 });
  const interrupt = new AbortController();
  const watching = alice(["watch", "Papers"], { env, signal: interrupt.signal, onError: () => interrupt.abort() });
  expect(await watching).toMatchObject({ code: 130, errors: ["Watching /"] });
  expect(await alice(["--help"])).toMatchObject({ code: 0, errors: [] });
  expect((await alice(["--version"])).printed).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});
