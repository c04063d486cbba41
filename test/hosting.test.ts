import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleProgram } from "./support/bundle-program.ts";

const root = join(import.meta.dirname, "..");
const page = await readFile(join(root, "docs/hosting.md"), "utf8");
const commands = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, block = ""]) => block);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parsec-hosting-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Programs that stand for what `npm install --global` would bring, from the sources. */
async function install(): Promise<string> {
  const bin = await mkdtemp(join(folder, "bin-"));
  for (const [name, source] of [
    ["parsec-server", "packages/server/src/bin.ts"],
    ["parsec", "packages/cli/src/bin.ts"],
  ] as const) {
    await program(join(bin, name), `exec '${process.execPath}' '${await bundleProgram(join(root, source))}' "$@"`);
  }
  await program(join(bin, "npm"), '[ "$*" = "install --global @parsec/server @parsec/cli" ]');
  return bin;
}

async function program(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (typeof address !== "object" || address === null) throw new Error("it listens on a port");
  return address.port;
}

// As long as it is because it starts a dozen processes, of which four unlock a device with a password.
test("the commands of the hosting guide lead from nothing to an organization in use", async () => {
  const bin = await install();
  // The port is all that is changed: another server may have it.
  const script = commands.join("\n").replaceAll("6777", String(await freePort()));
  const shell = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    env: { HOME: folder, PATH: [bin, join(process.execPath, ".."), process.env["PATH"]].join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const [out, errors] = [text(shell.stdout), text(shell.stderr)];
  let code: number | null;
  try {
    [code] = (await once(shell, "exit")) as [number | null];
  } finally {
    // What the script has started in the background, when it ended early.
    killGroup(shell.pid);
  }
  expect([code, code === 0 ? "" : await errors]).toEqual([0, ""]);
  const printed = await out;
  expect(printed).toMatch(/0001\S* ✔\n/);
  expect(printed).toContain('{"status":"ready","database":"ok","block_store":"ok"}');
  expect(printed).toMatch(
    /Starting Parsec server on https:\/\/127\.0\.0\.1:\d+ \(db=sqlite:parsec\.db blockstore=file:/,
  );
  expect(printed).toMatch(/hello\.txt/);
  expect(printed).toMatch(/Found 1 result\(s\)\n\nHuman Alice <alice@example\.com>/);
  expect(printed).toMatch(/Found 0 result\(s\)\n$/);
  expect(await readFile(join(folder, "parsec-server.out"), "utf8")).toMatch(/bye ;-\)\n$/);
  // The log was begun anew, and knows no secret.
  const logs =
    (await readFile(join(folder, "parsec.log.1"), "utf8")) + (await readFile(join(folder, "parsec.log"), "utf8"));
  expect(logs).toMatch(/family=anonymous command=organization_bootstrap status=200 reply=ok/);
  expect(logs).toMatch(/\[INFO\] reloaded/);
  expect(logs).not.toMatch(/alice|Acme|127\.0\.0\.1/);
  expect(logs).not.toContain((await readFile(join(folder, "administration-token"), "utf8")).trim());
});

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

test("the examples name commands and variables that the server has", async () => {
  const help = await helpOf("run");
  const names = new Set([...help.matchAll(/\[(PARSEC_\w+)\]/g)].map(([, name]) => name));
  for (const file of ["compose.yaml", "parsec-server.service"]) {
    const example = await readFile(join(root, "examples/hosting", file), "utf8");
    for (const [variable] of example.matchAll(/PARSEC_\w+/g)) expect(names).toContain(variable);
    expect([...example.matchAll(/parsec-server (\w+)/g)].map(([, command]) => command)).toEqual(["migrate", "run"]);
  }
  for (const [variable] of page.matchAll(/PARSEC_(?!PASSWORD)\w+/g)) expect(names).toContain(variable);
});

async function helpOf(command: string): Promise<string> {
  const child = spawn(process.execPath, [
    await bundleProgram(join(root, "packages/server/src/bin.ts")),
    command,
    "--help",
  ]);
  return await text(child.stdout);
}
