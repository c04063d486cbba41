import { createParsec, type Session } from "@parsec/client";
import { AuthenticatedConnection, createTransport } from "@parsec/connection";
import type { SecretKey } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { blockRead, certificateGet, type OkOf, realmGetKeysBundle, vlobReadBatch } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import {
  DateTime,
  decode,
  encode,
  type LocalDevice,
  loadTrustedCertificate,
  openChildManifest,
  openRealmKeysBundle,
  openRealmKeysBundleAccess,
  sealManifest,
  VlobId,
} from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";
import { readText } from "../support/two-devices.ts";

// Who may write is judged by what was true when they signed, and not by what is true today (spec 11 §14).

const dump = readDump("coolorg.json");
const realmId = VlobId.parse("f0000000000000000000000000000004") ?? VlobId.generate();

let server: RunningServer;
let organization: LoadedOrganization;
let alice: LocalDevice;
let bob: LocalDevice;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  organization = await loadDump(server.url, dump);
  alice = localDevice(dump, "Alicey", organization);
  bob = localDevice(dump, "Boby", organization);
});

/** A session on a computer with nothing on it. */
async function login(device: LocalDevice, tampers: Record<string, Tamper> = {}): Promise<Session> {
  const transport = tamperingTransport(tampers);
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    transport,
    sync: "manual",
  });
  const session = await parsec.login(device);
  onTestFinished(async () => {
    await session.close();
    await transport.close();
  });
  await session.refresh();
  return session;
}

/** Alice, speaking to the server without our client. */
function connect(): AuthenticatedConnection {
  const transport = createTransport();
  onTestFinished(() => transport.close());
  const { organizationId, rootVerifyKey, deviceId, signingKey } = alice;
  const address = { ...alice.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  return new AuthenticatedConnection({ transport, address, deviceId, signingKey });
}

/** The date of the last certificate of the workspace. */
async function lastRealmDate(): Promise<DateTime> {
  const all = { commonAfter: null, sequesterAfter: null, shamirRecoveryAfter: null, realmAfter: new Map() };
  const reply = await connect().send(certificateGet, all);
  const last = reply.status === "ok" ? reply.realmCertificates.get(realmId)?.at(-1) : undefined;
  if (last === undefined) throw new Error("no certificate");
  return loadTrustedCertificate(last).value.timestamp;
}

async function keyOf(id: VlobId, keyIndex: number): Promise<SecretKey> {
  const reply = await connect().send(realmGetKeysBundle, { realmId, keyIndex });
  if (reply.status !== "ok") throw new Error(reply.status);
  const bundleKey = openRealmKeysBundleAccess(reply.keysBundleAccess, alice.privateKey);
  const { keys } = openRealmKeysBundle(reply.keysBundle, bundleKey).verify(alice.signingKey.verifyKey).value;
  const key = keys[keyIndex - 1];
  if (key === undefined) throw new Error("no such key");
  return key.deriveSecretKey(id);
}

/** Bob writes a file while he may. Gives its id. */
async function bobWrites(): Promise<VlobId> {
  const owner = await login(alice);
  const workspace = await owner.workspaces.get(realmId);
  await workspace.share(bob.userId, "CONTRIBUTOR");
  const writer = await login(bob);
  const bobs = await writer.workspaces.get(realmId);
  await bobs.writeFile("/bob.txt", "by bob");
  await bobs.sync();
  return (await bobs.stat("/bob.txt")).id;
}

type Item = OkOf<typeof vlobReadBatch>["items"][number];

/** The version that the server gives, signed by bob anew with another date. */
async function datedAnew([id, keyIndex, author, version, at, blob]: Item, date: DateTime): Promise<Item> {
  const key = await keyOf(id, keyIndex);
  const expected = { author, timestamp: at, id, version };
  const manifest = openChildManifest(blob, key, bob.signingKey.verifyKey, expected).value;
  return [id, keyIndex, author, version, date, sealManifest(key, bob.signingKey, { ...manifest, timestamp: date })];
}

/** Reads bob's file on a new computer, from a server that gives it as if bob had written it at `date`. */
async function readAsOf(id: VlobId, date: DateTime): Promise<unknown> {
  const honest = await connect().send(vlobReadBatch, { realmId, vlobs: [id], at: null });
  const [item] = honest.status === "ok" ? honest.items : [];
  if (item === undefined) throw new Error("no such file");
  const forged = await datedAnew(item, date);
  const tampers: Record<string, Tamper> = {
    vlob_read_batch: (bytes) => {
      const reply = decode(vlobReadBatch.reply, bytes);
      if (reply.status !== "ok") return bytes;
      const items = reply.items.map((given) => (given[0] === id ? forged : given));
      return encode(vlobReadBatch.reply, { ...reply, items });
    },
  };
  const reader = await login(alice, tampers);
  const workspace = await reader.workspaces.get(realmId);
  return readText(workspace, "/bob.txt").catch((error: unknown) => error);
}

const before = (date: DateTime) => DateTime.fromMicros(date - 1);

describe("content of a member", () => {
  const fates: readonly (readonly [string, (owner: Session) => Promise<unknown>])[] = [
    ["who is a READER today", async (owner) => (await owner.workspaces.get(realmId)).share(bob.userId, "READER")],
    ["who has no access today", async (owner) => (await owner.workspaces.get(realmId)).unshare(bob.userId)],
    ["who is revoked today", (owner) => owner.users.revoke(bob.userId)],
  ];

  test.each(fates)("%s stays readable", async (_fate, happen) => {
    await bobWrites();
    await happen(await login(alice));
    const reader = await login(alice);
    expect(await readText(await reader.workspaces.get(realmId), "/bob.txt")).toBe("by bob");
  });

  const ends = ["AUTHOR_REALM_ROLE_CANNOT_WRITE", "AUTHOR_NO_ACCESS_TO_REALM", "REVOKED_AUTHOR"];

  test.each(fates.map(([fate, happen], i) => [fate, happen, ends[i]] as const))(
    "%s was not written in the microsecond of the change, and may have been in the one before",
    async (fate, happen, reason) => {
      const id = await bobWrites();
      const owner = await login(alice);
      await happen(owner);
      await owner.refresh();
      const date = fate.includes("revoked") ? owner.users.get(bob.userId)?.revokedOn : await lastRealmDate();
      if (date === undefined) throw new Error("nothing has changed");
      expect(await readAsOf(id, before(date))).toBe("by bob");
      expect(await readAsOf(id, date)).toMatchObject({ code: "INVALID_MANIFEST", reason });
    },
  );

  test("was not written before the member got the right to", async () => {
    const id = await bobWrites();
    const date = await lastRealmDate();
    expect(await readAsOf(id, date)).toBe("by bob");
    expect(await readAsOf(id, before(date))).toMatchObject({ reason: "AUTHOR_REALM_ROLE_CANNOT_WRITE" });
  });
});

test("a block under a key that is newer than the ones known here is read once the key is learned", async () => {
  const owner = await login(alice);
  const workspace = await owner.workspaces.get(realmId);
  const reader = await login(bob);
  const readers = await reader.workspaces.get(realmId);
  // The reader knows the first key.
  expect(await readers.stat("/")).toMatchObject({ kind: "folder" });
  await workspace.rotateKey();
  await workspace.writeFile("/new.txt", "with the second key");
  await workspace.sync();
  await readers.sync();
  expect(await readText(readers, "/new.txt")).toBe("with the second key");
});

test("a block whose key index nobody has announced is refused", async () => {
  await bobWrites();
  const tampers: Record<string, Tamper> = {
    block_read: (bytes) => {
      const reply = decode(blockRead.reply, bytes);
      return reply.status === "ok" ? encode(blockRead.reply, { ...reply, keyIndex: reply.keyIndex + 1 }) : bytes;
    },
  };
  const reader = await login(alice, tampers);
  await expect(readText(await reader.workspaces.get(realmId), "/bob.txt")).rejects.toMatchObject({
    code: "INVALID_BLOCK",
    reason: "NON_EXISTENT_KEY_INDEX",
  });
});
