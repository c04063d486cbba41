import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localTree } from "@parsec/cli";
import { createParsec, password, type Session } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../support/run-program.ts";
import { names, pattern, readAll } from "../support/two-devices.ts";

// `kill -9` in the middle of an import and of the upload that follows: run again, it finishes.

const blocksize = 512 * 1024;
const files = new Map([
  ["large", pattern(9 * blocksize + 5, 1)],
  ["small", pattern(100, 2)],
]);
const protection = password("P@ss");

let server: RunningServer;
let dir: string;
let source: string;
let deviceId: Session["deviceId"];

beforeAll(async () => {
  server = await startServer({ dev: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-killed-"));
  source = join(dir, "source");
  await mkdir(join(source, "sub"), { recursive: true });
  for (const [name, content] of files) await writeFile(join(source, "sub", name), content);
  const parsec = await createParsec({ dir: join(dir, "fresh"), sync: "manual" });
  const human = { email: "alice@example.com", label: "Alice" };
  const session = await parsec.bootstrap(await server.createOrganization("Killed"), {
    human,
    deviceLabel: "laptop",
    protection,
  });
  ({ deviceId } = session);
  await session.workspaces.create("Docs");
  await session.maintain();
  await session.close();
  await parsec.close();
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

/** A copy of the device's folder, in which one process dies. The server keeps what earlier ones have sent. */
async function killAt(step: number): Promise<{ readonly folder: string; readonly wasKilled: boolean }> {
  const folder = join(dir, `killed-at-${step}`);
  await cp(join(dir, "fresh"), folder, { recursive: true });
  const end = await runProgram("import-program.ts", folder, deviceId, source, String(step));
  return { folder, wasKilled: end.signal === "SIGKILL" };
}

describe("an import that is killed", () => {
  test.each([1, 2, 4, 8, 15, 26, 1000])("at step %i", async (step) => {
    const { folder, wasKilled } = await killAt(step);
    expect(wasKilled).toBe(step < 1000);
    const parsec = await createParsec({ dir: folder, sync: "manual" });
    const session = await parsec.login(deviceId, protection);
    try {
      const [workspace] = await session.workspaces.find("Docs");
      if (workspace === undefined) throw new Error("the workspace is lost");
      // What is visible is whole.
      if ((await names(workspace)).includes("sub")) {
        for (const name of await names(workspace, "/sub")) {
          expect(Buffer.compare(await readAll(workspace, `/sub/${name}`), files.get(name) ?? Buffer.of())).toBe(0);
        }
      }
      await workspace.import(localTree(source), "/");
      await workspace.purge();
      await workspace.sync();
      expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
      for (const [name, content] of files) {
        expect(Buffer.compare(await readAll(workspace, `/sub/${name}`), content)).toBe(0);
      }
    } finally {
      await session.close();
      await parsec.close();
    }
  });
});
