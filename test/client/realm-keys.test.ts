import { systemClock } from "@parsec/base";
import { createParsec, type Parsec, type Session } from "@parsec/client";
import { AuthenticatedConnection, createTransport } from "@parsec/connection";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { realmGetKeysBundle, realmRotateKey } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import {
  DateTime,
  type LocalDevice,
  makeKeyCanary,
  openRealmKeysBundle,
  openRealmKeysBundleAccess,
  sealRealmKeysBundle,
  sealRealmKeysBundleAccess,
  signCertificate,
  type UserId,
  VlobId,
} from "@parsec/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";

// Owners that make wrong keys, on a real server: it cannot see what is in a keys bundle.

const dump = readDump("coolorg.json");
const realmId = VlobId.parse("f0000000000000000000000000000004") ?? VlobId.generate();

let server: RunningServer;
let parsec: Parsec;
let organization: LoadedOrganization;
const cleanup: (() => Promise<void>)[] = [];

beforeEach(async () => {
  await ready();
  server = await startServer({ testbed: true });
  organization = await loadDump(server.url, dump);
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  cleanup.push(
    () => server.close(),
    () => parsec.close(),
  );
});
afterEach(async () => {
  for (const clean of cleanup.splice(0).reverse()) await clean();
});

async function login(label: string): Promise<Session> {
  const session = await parsec.login(localDevice(dump, label, organization));
  cleanup.push(() => session.close());
  await session.refresh();
  return session;
}

/** Alice's device, speaking to the server without our client. */
function connect(device: LocalDevice): AuthenticatedConnection {
  const transport = createTransport();
  cleanup.push(() => transport.close());
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  return new AuthenticatedConnection({ transport, address, deviceId, signingKey });
}

/** The keys of the realm as the server holds them for alice. */
async function currentKeys(device: LocalDevice, keyIndex: number): Promise<readonly KeyDerivation[]> {
  const reply = await connect(device).send(realmGetKeysBundle, { realmId, keyIndex });
  if (reply.status !== "ok") throw new Error(reply.status);
  const key = openRealmKeysBundleAccess(reply.keysBundleAccess, device.privateKey);
  return openRealmKeysBundle(reply.keysBundle, key).verify(device.signingKey.verifyKey).value.keys;
}

interface Rotation {
  readonly keys: readonly KeyDerivation[];
  /** What the certificate announces; by default the last key. */
  readonly announced?: KeyDerivation;
}

/** A rotation that our client would never make. */
async function rotate(
  device: LocalDevice,
  members: Session,
  { keys, announced = keys.at(-1) }: Rotation,
): Promise<void> {
  if (announced === undefined) throw new Error("no key");
  const keysBundleKey = SecretKey.generate();
  const common = { author: device.deviceId, timestamp: DateTime.now(systemClock), realmId };
  const workspace = await members.workspaces.get(realmId);
  const accesses = new Map<UserId, Uint8Array>();
  for (const { userId } of workspace.members()) {
    const label = members.users.get(userId)?.humanHandle.label ?? "";
    const { publicKey } = localDevice(dump, label, organization).privateKey;
    accesses.set(userId, sealRealmKeysBundleAccess(keysBundleKey, publicKey));
  }
  const reply = await connect(device).send(realmRotateKey, {
    realmKeyRotationCertificate: signCertificate(device.signingKey, {
      type: "realm_key_rotation_certificate",
      ...common,
      keyIndex: keys.length,
      encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
      hashAlgorithm: "SHA256",
      keyCanary: makeKeyCanary(announced),
    }),
    keysBundle: sealRealmKeysBundle(keysBundleKey, device.signingKey, { type: "realm_keys_bundle", ...common, keys }),
    perParticipantKeysBundleAccess: accesses,
    perSequesterServiceKeysBundleAccess: null,
  });
  expect(reply).toEqual({ status: "ok" });
}

const nameOf = (session: Session) => session.workspaces.list().find(({ id }) => id === realmId)?.name;

test("an old key that a later bundle holds wrong is found in an older bundle, and repaired for all", async () => {
  const device = localDevice(dump, "Alicey", organization);
  const alice = await login("Alicey");
  await rotate(device, alice, { keys: [KeyDerivation.generate(), KeyDerivation.generate()] });

  // The name of the workspace is encrypted with key 1, which the last bundle holds wrong.
  const bob = await login("Boby");
  expect(nameOf(bob)).toBe("wksp1");

  await alice.refresh();
  const [workspace] = await alice.workspaces.find("wksp1");
  await workspace?.rotateKey();
  const [original] = await currentKeys(device, 1);
  const [repaired] = await currentKeys(device, 3);
  expect(repaired?.toBytes()).toEqual(original?.toBytes());
});

test("a new key that is not the one announced is never used; the next rotation makes a good one", async () => {
  const device = localDevice(dump, "Alicey", organization);
  const keys = [...(await currentKeys(device, 1)), KeyDerivation.generate()];
  const alice = await login("Alicey");
  await rotate(device, alice, { keys, announced: KeyDerivation.generate() });
  await alice.refresh();
  const [workspace] = await alice.workspaces.find("wksp1");
  await expect(workspace?.rename("With key 1")).rejects.toMatchObject({ code: "REALM_KEY_CORRUPTED" });
  await workspace?.rotateKey();
  await workspace?.rename("With key 3");
  const bob = await login("Boby");
  expect(nameOf(bob)).toBe("With key 3");
});
