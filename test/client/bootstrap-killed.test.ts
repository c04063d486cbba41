import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@parsec/base";
import { createParsec, type Parsec, password, type Session } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../support/run-program.ts";

let server: RunningServer;
let dir: string;

beforeAll(async () => {
  server = await startServer({ dev: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-killed-"));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

/** Device file written, request sent and answered, storage opened, device file renamed, session opened: before and after each. */
const steps = 10;

describe("a process killed during the bootstrap", { timeout: 180_000 }, () => {
  test.concurrent.each(Array.from({ length: steps }, (_, i) => i + 1))("at step %i loses no device", async (step) => {
    const address = await server.createOrganization(`Killed${step}`);
    const folder = join(dir, String(step));
    expect(await runProgram("bootstrap-program.ts", folder, address, String(step))).toMatchObject({
      signal: "SIGKILL",
    });

    const parsec = await createParsec({ dir: folder, sync: "manual" });
    const session = await bootstrapAgain(parsec, address);
    await session.refresh();
    expect(session.users.list()).toMatchObject([{ id: session.userId }]);
    await session.close();
    expect(await parsec.devices()).toMatchObject([{ deviceId: session.deviceId }]);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
    await parsec.close();
  });

  test("there is no further step", async () => {
    const address = await server.createOrganization("Alive");
    const end = await runProgram("bootstrap-program.ts", join(dir, "alive"), address, String(steps + 1));
    expect(end).toEqual({ output: "done", signal: null, exitCode: 0 });
  });
});

/** What a person does: the same again, and when that was already done, log in. */
async function bootstrapAgain(parsec: Parsec, address: string): Promise<Session> {
  const protection = password("P@ss");
  const request = { human: { email: "alice@example.com", label: "Alice" }, deviceLabel: "laptop", protection };
  try {
    return await parsec.bootstrap(address, request);
  } catch (error) {
    if (!hasCode(error, "ORGANIZATION_ALREADY_BOOTSTRAPPED")) throw error;
    const [device] = await parsec.devices();
    if (device === undefined) throw new Error("the device is lost", { cause: error });
    return parsec.login(device.deviceId, protection);
  }
}
