import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec } from "@parsec/client";
import { AuthenticatedConnection, createTransport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { userCreate } from "@parsec/protocol";
import { startServer } from "@parsec/server";
import type { LocalDevice } from "@parsec/types";
import { beforeAll, expect, it } from "vitest";
import { ingestAll, populate, signPerson } from "../packages/client/test/support/many-people.ts";
import { hookedTransport } from "../test/support/hooked-transport.ts";
import { loadDump, localDevice, readDump } from "../test/support/organization-dump.ts";
import { compare } from "./compare.ts";

// Organizations of many people: what their certificates cost when they come in, and at a login.

beforeAll(() => ready());

it("takes 10,000 certificates in", async () => {
  const population = populate(4_000, 2_000);
  const { device, batch, count } = population;
  expect(count).toBe(10_000);
  const signed = [...batch.commonCertificates.slice(2), ...[...batch.realmCertificates.values()].flat()];
  const { verifyKey } = device.signingKey;
  const raw = () => {
    for (const each of signed) verifyKey.verify(each);
  };
  const ours = () => ingestAll(population);
  await compare({ name: "ingest 10,000 certificates", raw, ours, bar: 1 / 1.5 });
});

it("grows with the number of users", async () => {
  const timeOf = async (users: number): Promise<number> => {
    const population = populate(users, users / 5);
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      await ingestAll(population);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  await timeOf(1_000);
  const [small, large] = [await timeOf(1_000), await timeOf(10_000)];
  const growth = large / small;
  console.log(
    `ingest of 1,000 users ${small.toFixed(0)} ms, of 10,000 users ${large.toFixed(0)} ms: x ${growth.toFixed(1)}`,
  );
  expect(growth).toBeLessThanOrEqual(11);
});

it("logs in, with a cold and a warm store of 1,000 users and 200 realms", { timeout: 400_000 }, async () => {
  const [users, realms] = [1_000, 200];
  const server = await startServer({ testbed: true });
  const dir = await mkdtemp(join(tmpdir(), "parsec-bench-"));
  const dump = readDump("coolorg.json");
  const device = localDevice(dump, "Alicey", await loadDump(server.url, dump));
  await fill(device, users);
  const maker = await createParsec({ dir: join(dir, "maker"), sync: "manual" });
  const session = await maker.login(device);
  for (let index = 0; index < realms; index += 1) await session.workspaces.create(`Workspace ${index}`);
  await session.maintain();
  await session.close();
  await maker.close();

  const transport = hookedTransport();
  const parsec = await createParsec({ dir: join(dir, "reader"), sync: "manual", transport });
  const logIn = async (): Promise<{ readonly ms: number; readonly requests: number }> => {
    transport.forget();
    const start = performance.now();
    const opened = await parsec.login(device);
    await opened.refresh();
    const ms = performance.now() - start;
    expect(opened.users.list().length).toBeGreaterThanOrEqual(users);
    expect(opened.workspaces.list().filter(({ isBootstrapped }) => isBootstrapped).length).toBeGreaterThanOrEqual(
      realms,
    );
    await opened.close();
    return { ms, requests: [...transport.sent.values()].reduce((sum, count) => sum + count, 0) };
  };
  const cold = await logIn();
  const warm = [await logIn(), await logIn(), await logIn()];
  const warmMs = Math.min(...warm.map(({ ms }) => ms));
  console.log(
    `login of ${users} users and ${realms} realms: cold ${cold.ms.toFixed(0)} ms, ${cold.requests} requests; ` +
      `warm ${warmMs.toFixed(0)} ms, ${warm[0]?.requests} requests; cold / warm ${(cold.ms / warmMs).toFixed(1)}`,
  );
  // Nothing is asked again for what is here already.
  expect(warm.map(({ requests }) => requests)).toEqual([1, 1, 1]);
  await parsec.close();
  await transport.close();
  await server.close();
  await rm(dir, { recursive: true });
});

/** Adds users to the organization of an ADMIN. */
async function fill(device: LocalDevice, users: number): Promise<void> {
  const { organizationId, rootVerifyKey, deviceId, signingKey, serverUrl } = device;
  const address = { ...serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const transport = createTransport();
  const connection = new AuthenticatedConnection({ address, deviceId, signingKey, transport });
  for (let index = 0; index < users; index += 1) {
    const reply = await connection.send(userCreate, signPerson(device, index));
    if (reply.status !== "ok") throw new Error(reply.status);
  }
  await transport.close();
}
