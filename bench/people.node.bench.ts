import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IncreasingClock, systemClock } from "@parsec/base";
import { createParsec } from "@parsec/client";
import { AuthenticatedConnection, createTransport } from "@parsec/connection";
import { PrivateKey, ready, SigningKey } from "@parsec/crypto";
import { userCreate } from "@parsec/protocol";
import { startServer } from "@parsec/server";
import {
  DateTime,
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  OrganizationId,
  serverAddress,
  signCertificate,
  UserId,
  VlobId,
} from "@parsec/types";
import { beforeAll, expect, it } from "vitest";
import { bootstrapRequest, newOrganization } from "../packages/client/src/bootstrap/new-organization.ts";
import { CertificateIndex } from "../packages/client/src/certificates/certificate-index.ts";
import { type CertificateBatch, ingest } from "../packages/client/src/certificates/ingest.ts";
import { signNewUser } from "../packages/client/src/invitations/create-user.ts";
import { hookedTransport } from "../test/support/hooked-transport.ts";
import { loadDump, localDevice, readDump } from "../test/support/organization-dump.ts";
import { compare } from "./compare.ts";

// Organizations of many people: what their certificates cost when they come in, and at a login.

beforeAll(() => ready());

const clock = new IncreasingClock(systemClock);
const now = () => DateTime.fromMicros(clock.next());

/** All of them with the same keys: those of a person are never used here. */
function newUser(index: number) {
  return {
    humanHandle: HumanHandle.parse(`user${index}@example.com`, `User ${index}`),
    deviceLabel: DeviceLabel.parse("laptop"),
    profile: "STANDARD" as const,
    publicKey: keys.publicKey,
    verifyKey: keys.verifyKey,
  };
}

let keys: { readonly publicKey: PrivateKey["publicKey"]; readonly verifyKey: SigningKey["verifyKey"] };

beforeAll(() => {
  keys = { publicKey: PrivateKey.generate().publicKey, verifyKey: SigningKey.generate().verifyKey };
});

interface Population {
  readonly device: LocalDevice;
  readonly batch: CertificateBatch;
  readonly count: number;
}

/** An organization of so many users, whose first has so many workspaces. */
function populate(users: number, realms: number): Population {
  const address = {
    ...serverAddress("parsec.example.com"),
    kind: "organization_bootstrap",
    organizationId: OrganizationId.parse("Acme"),
    token: null,
  } as const;
  const organization = newOrganization(address, {
    humanHandle: HumanHandle.parse("admin@example.com", "Admin"),
    deviceLabel: DeviceLabel.parse("desk"),
    sequesterAuthorityKey: undefined,
  });
  const { device } = organization;
  const first = bootstrapRequest(organization, address, undefined, now());
  const commonCertificates = [first.userCertificate, first.deviceCertificate];
  for (let index = 1; index < users; index += 1) {
    const ids = { userId: UserId.generate(), deviceId: DeviceId.generate() };
    const signed = signNewUser(device, newUser(index), ids, now());
    commonCertificates.push(signed.userCertificate, signed.deviceCertificate);
  }
  const realmCertificates = new Map(
    Array.from({ length: realms }, () => {
      const realmId = VlobId.generate();
      const common = { author: device.deviceId, timestamp: now(), userId: device.userId };
      const role = { type: "realm_role_certificate", ...common, realmId, role: "OWNER" } as const;
      return [realmId, [signCertificate(device.signingKey, role)]];
    }),
  );
  const batch = { commonCertificates, realmCertificates, sequesterCertificates: [], shamirRecoveryCertificates: [] };
  return { device, batch, count: commonCertificates.length + realms };
}

it("takes 10,000 certificates in", async () => {
  const { device, batch, count } = populate(4_000, 2_000);
  expect(count).toBe(10_000);
  const signed = [...batch.commonCertificates.slice(2), ...[...batch.realmCertificates.values()].flat()];
  const { verifyKey } = device.signingKey;
  const raw = () => {
    for (const each of signed) verifyKey.verify(each);
  };
  const ours = () => ingest(new CertificateIndex(), batch, device);
  await compare({ name: "ingest 10,000 certificates", raw, ours, bar: 1 / 1.5 });
});

it("grows with the number of users", async () => {
  const timeOf = async (users: number): Promise<number> => {
    const { device, batch } = populate(users, users / 5);
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      await ingest(new CertificateIndex(), batch, device);
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

it("logs in, with a cold and a warm store of 1,000 users and 200 realms", async () => {
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
    const ids = { userId: UserId.generate(), deviceId: DeviceId.generate() };
    const reply = await connection.send(userCreate, signNewUser(device, newUser(index), ids, now()));
    if (reply.status !== "ok") throw new Error(reply.status);
  }
  await transport.close();
}
