import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../src/main.ts";

// The commands, on a real server and a real folder.

let server: RunningServer;
let dir: string;

beforeAll(async () => {
  server = await startServer({ dev: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-cli-"));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly printed: readonly string[];
  readonly errors: readonly string[];
  readonly output: Buffer;
}

async function run(argv: readonly string[], password: string | undefined = "P@ss"): Promise<Outcome> {
  const printed: string[] = [];
  const errors: string[] = [];
  const output = new PassThrough();
  const collected = buffer(output);
  const code = await main({
    argv: ["--dir", join(dir, "alice"), ...argv],
    env: { PARSEC_PASSWORD: password },
    output,
    print: (line) => printed.push(line),
    printError: (line) => errors.push(line),
    askPassword: () => Promise.reject(new Error("nobody answers")),
    signal: new AbortController().signal,
  });
  output.end();
  return { code, printed, errors, output: await collected };
}

describe("parsec", () => {
  test("bootstraps, creates a workspace, imports, lists and exports", async () => {
    const link = await server.createOrganization("Cli");
    const bootstrapped = await run(["bootstrap", link, "--email", "alice@example.com", "--label", "Alice"]);
    expect(bootstrapped).toMatchObject({ code: 0, errors: [] });
    const { printed } = await run(["devices"]);
    expect(printed).toEqual([`${bootstrapped.printed[0]}  Cli  Alice <alice@example.com>  command line`]);

    const created = await run(["create-workspace", "Docs"]);
    expect(created.code).toBe(0);
    expect((await run(["workspaces"])).printed).toEqual([`${created.printed[0]}  OWNER  Docs`]);

    const evil = await run(["create-workspace", "Docs\u001b[31m\nDocs"]);
    expect(evil.code).toBe(0);
    expect((await run(["workspaces"])).printed).toContain(`${evil.printed[0]}  OWNER  Docs\\u{1b}[31m\\u{a}Docs`);

    const source = join(dir, "source");
    await mkdir(join(source, "sub"), { recursive: true });
    await writeFile(join(source, "sub", "a.txt"), "content");
    await writeFile(join(source, "x.tmp"), "scratch");
    const imported = await run(["import", "Docs", source, "/2026"]);
    expect(imported).toMatchObject({ code: 0, errors: ["left out: x.tmp (PREVENT_SYNC_PATTERN)"] });
    expect(imported.printed).toEqual(["1 files imported, 0 unchanged, 1 folders, 7 bytes"]);
    expect((await run(["ls", created.printed[0] ?? "", "/2026"])).printed).toEqual(["           -  sub/"]);
    expect((await run(["ls", "Docs", "/2026/sub"])).printed).toEqual(["           7  a.txt"]);

    expect((await run(["export", "Docs", "/2026/sub/a.txt", "-"])).output.toString()).toBe("content");
    const target = join(dir, "out.txt");
    expect((await run(["export", "Docs", "/2026/sub/a.txt", target])).code).toBe(0);
    expect(await readFile(target, "utf8")).toBe("content");
  });

  test("says what went wrong, and exits with another code", async () => {
    expect(await run(["import", "Docs"])).toMatchObject({
      code: 2,
      errors: ["USAGE: PATH is missing: see parsec --help"],
    });
    expect(await run(["nonsense"])).toMatchObject({ code: 2 });
    expect(await run(["ls", "Missing"])).toMatchObject({ code: 2 });
    const wrong = await run(["workspaces"], "wrong");
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.errors[0]).toContain("DECRYPTION_FAILED");
    expect(await run(["--help"])).toMatchObject({ code: 0 });
  });
});
