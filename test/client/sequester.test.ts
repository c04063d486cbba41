import { generateKeyPairSync } from "node:crypto";
import { systemClock, toBase64 } from "@parsec/base";
import { createParsec, password, type Session } from "@parsec/client";
import { ready, SequesterPublicKey, SequesterSigningKey } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DateTime, SequesterServiceId, signSequesterCertificate } from "@parsec/types";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { applyOperations } from "../support/organization-dump.ts";

// An organization whose keys a service of its authority can read.

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const authority = generateKeyPairSync("rsa", { modulusLength: 2048 });
const service = generateKeyPairSync("rsa", { modulusLength: 2048 });
const options = {
  human: { email: "alice@example.com", label: "Alice" },
  deviceLabel: "laptop",
  protection: password("P@ss"),
};

async function bootstrap(name: string): Promise<Session> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  onTestFinished(() => parsec.close());
  const sequesterAuthorityKey = authority.publicKey.export({ type: "spki", format: "pem" }).toString();
  const session = await parsec.bootstrap(await server.createOrganization(name), { ...options, sequesterAuthorityKey });
  onTestFinished(() => session.close());
  return session;
}

test("keys are made for no service, then for a new one, and no more for a revoked one", async () => {
  const alice = await bootstrap("Sequestered");
  const workspace = await alice.workspaces.create("Docs");
  await alice.maintain();
  expect(workspace.info.isBootstrapped).toBe(true);

  const signingKey = SequesterSigningKey.fromPem(
    authority.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  const der = service.publicKey.export({ type: "spki", format: "der" });
  const serviceId = SequesterServiceId.generate();
  const created = await signSequesterCertificate(signingKey, {
    type: "sequester_service_certificate",
    timestamp: DateTime.now(systemClock),
    serviceId,
    serviceLabel: "Escrow",
    encryptionKeyDer: SequesterPublicKey.fromDer(Uint8Array.from(der)),
  });
  const organization = { serverUrl: server.url, organizationId: alice.organizationId };
  const timestamp = DateTime.now(systemClock);
  await applyOperations(organization, [
    { op: "sequester_create_service", timestamp, service_certificate: toBase64(created) },
  ]);
  await alice.maintain();
  await workspace.rename("Read by the service");
  expect(workspace.name).toBe("Read by the service");

  const revoked = await signSequesterCertificate(signingKey, {
    type: "sequester_revoked_service_certificate",
    timestamp: DateTime.now(systemClock),
    serviceId,
  });
  await applyOperations(organization, [
    {
      op: "sequester_revoke_service",
      timestamp: DateTime.now(systemClock),
      revoked_service_certificate: toBase64(revoked),
    },
  ]);
  await alice.maintain();
  await workspace.rename("Unread");
  const accesses = await accessesGiven(alice.organizationId, serviceId);
  expect(accesses).toEqual([1, 2, 3].map((keyIndex) => keyIndex === 2));
});

test("a key that is none is refused before anything is asked", async () => {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  onTestFinished(() => parsec.close());
  const bootstrapping = parsec.bootstrap(await server.createOrganization("Unsequestered"), {
    ...options,
    sequesterAuthorityKey: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
  });
  await expect(bootstrapping).rejects.toMatchObject({ code: "INVALID_SEQUESTER_KEY" });
  expect(await parsec.unconfirmedDevices()).toEqual([]);
});

/** For each key rotation of the organization, whether the service got an access. */
async function accessesGiven(organizationId: string, serviceId: SequesterServiceId): Promise<readonly boolean[]> {
  const response = await fetch(`${server.url}/testbed/organizations/${organizationId}/dump`);
  const dump = (await response.json()) as {
    readonly operations: readonly {
      readonly op: string;
      readonly per_sequester_service_keys_bundle_access?: Readonly<Record<string, string>>;
    }[];
  };
  return dump.operations
    .filter(({ op }) => op === "realm_rotate_key")
    .map((operation) => operation.per_sequester_service_keys_bundle_access?.[serviceId] !== undefined);
}
