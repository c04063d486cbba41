import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, type Session } from "@parsec/client";
import { password } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapped, claimWholly, greetWholly, newPerson, Telephone } from "./support/greeting-people.ts";
import { hastyClock } from "./support/hasty-clock.ts";
import { type ProgramEnd, startProgram } from "./support/run-program.ts";

let server: RunningServer;
let alice: Session;
let dir: string;
let claims = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
  alice = await bootstrapped(server, "Killed", await newPerson());
  dir = await mkdtemp(join(tmpdir(), "parsec-claim-killed-"));
});
afterAll(async () => {
  await alice.close();
  await server.close();
  await rm(dir, { recursive: true });
});

interface Killed {
  readonly end: ProgramEnd;
  readonly folder: string;
  readonly email: string;
  readonly link: string;
  readonly token: Parameters<typeof greetWholly>[1];
}

/** A claim in a process of its own, which dies at that moment; the greeter has given up then. */
async function claimAndDie(moment: string): Promise<Killed> {
  claims += 1;
  const folder = join(dir, String(claims));
  const email = `bob${claims}@example.com`;
  const { link, token } = await alice.invitations.inviteUser(email);
  const program = await startProgram("claim-program.ts", folder, link, moment);
  const telephone = new Telephone();
  program.onLine((code) => telephone.say("claimer", code));
  void telephone.hear("greeter").then(program.say);
  const abort = new AbortController();
  const greeting = greetWholly(alice, token, { telephone, signal: abort.signal });
  const isOver = greeting.catch(() => undefined);
  const end = await program.end;
  abort.abort();
  // The greeter may wait for a code that nobody says any more.
  telephone.say("claimer", "");
  await isOver;
  return { end, folder, email, link, token };
}

const steps = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => `after step ${first + i}`);

describe("a claimer killed", { timeout: 120_000 }, () => {
  test.concurrent.each(["after invite_info", "after start", ...steps(0, 5)])(
    "%s has no device, and the invitation is as good as before",
    async (moment) => {
      const { end, folder, link, token } = await claimAndDie(moment);
      expect(end).toMatchObject({ signal: "SIGKILL" });
      await expectNothing(folder);

      const again = await newPerson({ dir: folder });
      const telephone = new Telephone();
      const [device] = await Promise.all([
        claimWholly(again, link, { telephone }),
        greetWholly(alice, token, { telephone }),
      ]);
      const session = await again.parsec.login(device.deviceId, again.protection);
      await session.refresh();
      await session.close();
    },
  );

  test.concurrent("after step 6 has no device, whether or not the greeter goes on to make one", async () => {
    const { end, folder } = await claimAndDie("after step 6");
    expect(end).toMatchObject({ signal: "SIGKILL" });
    await expectNothing(folder);
  });

  test.concurrent("before its file is written has no device; the greeter has made one that nobody has", async () => {
    const { end, folder, email } = await claimAndDie("before write");
    expect(end).toMatchObject({ signal: "SIGKILL" });
    await expectNothing(folder);
    // An administrator revokes the user and invites anew: so far they are enrolled.
    await expect(alice.invitations.inviteUser(email)).rejects.toMatchObject({ code: "CLAIMER_ALREADY_ENROLLED" });
  });

  test.concurrent.each([
    "after write",
    "before openDevice",
    "after openDevice",
    "before step 8",
    "after step 8",
    "before rename",
    "after rename",
  ])("%s has a device that works", async (moment) => {
    const { end, folder } = await claimAndDie(moment);
    expect(end).toMatchObject({ signal: "SIGKILL" });

    const parsec = await createParsec({ dir: folder, clock: hastyClock, sync: "manual" });
    const [device, ...others] = [...(await parsec.devices()), ...(await parsec.unconfirmedDevices())];
    if (device === undefined) throw new Error("the device is lost");
    expect(others).toEqual([]);
    const session = await parsec.login(device.deviceId, password("P@ss"));
    await session.refresh();
    expect(session.users.list().map(({ id }) => id)).toContain(session.userId);
    await session.close();
    expect(await parsec.devices()).toMatchObject([{ deviceId: device.deviceId }]);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
    await parsec.close();
  });

  test("at no other moment: without dying, the claim ends", async () => {
    const { end } = await claimAndDie("never");
    expect(end).toMatchObject({ signal: null, exitCode: 0 });
    expect(end.output).toMatch(/^[A-Z2-9]{4}\ndone\n$/);
  });
});

async function expectNothing(folder: string): Promise<void> {
  const parsec = await createParsec({ dir: folder, sync: "manual" });
  expect(await parsec.devices()).toEqual([]);
  expect(await parsec.unconfirmedDevices()).toEqual([]);
  await parsec.close();
}
