import { createTransport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { VlobId } from "@parsec/types";
import { expect, onTestFinished, test } from "vitest";
import { loadDump, localDevice, readDump } from "../../../../test/support/organization-dump.ts";
import { parsecPorts } from "../../src/ports.ts";
import { rotateKey } from "../../src/realms/rotate-key.ts";
import { openContext } from "../../src/session/open-context.ts";
import { revokeUser } from "../../src/users/revoke-user.ts";
import { Spy } from "../support/spy.ts";

test("a new key is for each who has a role, revoked or not, and for nobody else", async () => {
  await ready();
  const server = await startServer({ testbed: true });
  onTestFinished(() => server.close());
  const dump = readDump("coolorg.json");
  const organization = await loadDump(server.url, dump);
  const spy = new Spy(createTransport());
  onTestFinished(() => spy.close());
  const ports = parsecPorts({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport: spy });
  const context = await openContext(ports, localDevice(dump, "Alicey", organization), new AbortController().signal, {});
  onTestFinished(() => context.storage.close());
  await context.certificates.poll();
  const realmId = VlobId.parse("f0000000000000000000000000000004") ?? expect.unreachable();
  const { view } = context.certificates;
  const members = new Set(view.realmRoles(realmId).map(({ userId }) => userId));
  expect(members.size).toBe(2);
  const bob = [...members].find((userId) => userId !== context.device.userId) ?? expect.unreachable();

  // Who is revoked keeps the role until somebody takes it away, and the server counts roles.
  await revokeUser(context, bob);
  expect(await rotateKey(context, realmId, 2)).toMatchObject({ status: "uploaded" });
  const [request] = spy.requests("realm_rotate_key");
  const accesses: unknown = request && Reflect.get(request, "perParticipantKeysBundleAccess");
  expect(accesses instanceof Map ? new Set(accesses.keys()) : accesses).toEqual(members);
});
