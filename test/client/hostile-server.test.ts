import { utf8 } from "@parsec/base";
import { type ClientEvent, createParsec, type Parsec, password, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { certificateGet, type OkOf, realmGetKeysBundle } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { decode, encode } from "@parsec/types";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  applyOperations,
  type DumpOperation,
  type LoadedOrganization,
  loadDump,
  localDevice,
  readDump,
  readVector,
} from "../support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

// A server, or somebody before it, that does what it should not. Each time one typed error, and nothing is lost.

const dump = readDump("coolorg.json");

let server: RunningServer;
const cleanup: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
afterEach(async () => {
  for (const clean of cleanup.splice(0).reverse()) await clean();
});

async function openParsec(tampers: Record<string, Tamper>, storage = memoryDriver()): Promise<Parsec> {
  const transport = tamperingTransport(tampers);
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage, transport, sync: "manual" });
  cleanup.push(() => transport.close());
  return parsec;
}

async function login(parsec: Parsec, organization: LoadedOrganization, label = "Alicey"): Promise<Session> {
  const session = await parsec.login(localDevice(dump, label, organization));
  cleanup.push(() => session.close());
  return session;
}

/** A tamper on the successful reply of `certificate_get`. */
function onCertificates(change: (reply: OkOf<typeof certificateGet>) => OkOf<typeof certificateGet>): Tamper {
  return (body) => {
    const reply = decode(certificateGet.reply, body);
    return reply.status === "ok" ? encode(certificateGet.reply, change(reply)) : body;
  };
}

describe("certificates", () => {
  test.each([
    [
      "a flipped bit",
      (list: readonly Uint8Array[]) => list.map((signed, i) => (i === 5 ? flip(signed) : signed)),
      "CORRUPTED",
    ],
    ["a certificate left out", (list: readonly Uint8Array[]) => list.filter((_, i) => i !== 3), "NON_EXISTING_AUTHOR"],
    [
      "a certificate twice",
      (list: readonly Uint8Array[]) => [...list.slice(0, 3), ...list.slice(2)],
      "INVALID_TIMESTAMP",
    ],
    ["another order", (list: readonly Uint8Array[]) => [...list].reverse(), "NON_EXISTING_AUTHOR"],
    ["garbage", (list: readonly Uint8Array[]) => [...list, utf8("foo")], "CORRUPTED"],
  ])("%s: nothing of the reply is kept", async (_, change, rule) => {
    const organization = await loadDump(server.url, dump);
    const tampers: Record<string, Tamper> = {
      certificate_get: onCertificates((reply) => ({ ...reply, commonCertificates: change(reply.commonCertificates) })),
    };
    const alice = await login(await openParsec(tampers), organization);
    const events: ClientEvent[] = [];
    alice.events.onAny((event) => events.push(event));
    await expect(alice.refresh()).rejects.toMatchObject({ code: "INVALID_CERTIFICATE", violation: { rule } });
    expect(events).toMatchObject([{ type: "invalid_certificate", error: { violation: { rule } } }]);
    expect(alice.users.list()).toEqual([]);
    delete tampers["certificate_get"];
    await alice.refresh();
    expect(alice.users.list()).toHaveLength(3);
  });

  test("a bad certificate later: what was known stays, also after a new login", async () => {
    interface Case {
      readonly name: string;
      readonly operations: readonly DumpOperation[];
    }
    const { cases } = readVector<{ cases: readonly Case[] }>("invalid-certificates.json");
    const bad = cases.find(({ name }) => name === "bad signature")?.operations ?? [];
    const organization = await loadDump(server.url, dump);
    const storage = memoryDriver();
    const alice = await login(await openParsec({}, storage), organization);
    await alice.refresh();
    await applyOperations(organization, bad);
    await expect(alice.refresh()).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
    expect(alice.users.list()).toHaveLength(3);
    await alice.close();
    const again = await login(await openParsec({}, storage), organization);
    expect(again.users.list()).toHaveLength(3);
    expect(again.users.list().every(({ revokedOn }) => revokedOn === undefined)).toBe(true);
  });

  test("announced and never given", async () => {
    const organization = await loadDump(server.url, dump);
    const tampers: Record<string, Tamper> = {};
    const alice = await login(await openParsec(tampers), organization);
    await alice.refresh();
    tampers["certificate_get"] = onCertificates((reply) => ({
      ...reply,
      commonCertificates: [],
      realmCertificates: new Map(),
    }));
    const bob = alice.users.list().find(({ humanHandle }) => humanHandle.label.startsWith("Bob"));
    if (bob === undefined) throw new Error("coolorg has bob");
    await expect(alice.users.revoke(bob.id)).rejects.toMatchObject({ code: "MISSING_CERTIFICATES" });
  });
});

describe("keys bundles", () => {
  test.each([
    ["keysBundle", "DECRYPTION"],
    ["keysBundleAccess", "CORRUPTED_ACCESS"],
  ] as const)("a damaged %s leaves the workspace without its name, and is named", async (field, defect) => {
    const organization = await loadDump(server.url, dump);
    const damage: Tamper = (body) => {
      const reply = decode(realmGetKeysBundle.reply, body);
      return reply.status === "ok" ? encode(realmGetKeysBundle.reply, { ...reply, [field]: flip(reply[field]) }) : body;
    };
    const tampers: Record<string, Tamper> = { realm_get_keys_bundle: damage };
    const alice = await login(await openParsec(tampers), organization);
    await alice.refresh();
    const [info] = alice.workspaces.list();
    expect(info).toMatchObject({ name: `Workspace ${info?.id}`, isBootstrapped: false });
    const [workspace] = await alice.workspaces.find(info?.name ?? "");
    await expect(workspace?.rename("Other")).rejects.toMatchObject({ code: "INVALID_KEYS_BUNDLE", defect });
    delete tampers["realm_get_keys_bundle"];
    await alice.refresh();
    expect(alice.workspaces.list()).toMatchObject([{ name: "wksp1", isBootstrapped: true }]);
  });
});

describe("replies", () => {
  test.each([
    ["garbage", utf8("<html>Sign in to the hotel network</html>")],
    ["nothing", new Uint8Array()],
    ["another type", Uint8Array.of(0x93, 1, 2, 3)],
  ])("%s instead of a reply", async (_, body) => {
    const organization = await loadDump(server.url, dump);
    const alice = await login(await openParsec({ certificate_get: () => body }), organization);
    await expect(alice.refresh()).rejects.toMatchObject({ code: "BAD_REPLY" });
  });

  test("a status that nobody knows", async () => {
    const organization = await loadDump(server.url, dump);
    const status = { status: "unknown_status", unknownStatus: "party_time", reason: null } as const;
    const tampers = { certificate_get: () => encode(certificateGet.reply, status) };
    const alice = await login(await openParsec(tampers), organization);
    await expect(alice.refresh()).rejects.toMatchObject({ code: "UNEXPECTED_REPLY", command: "certificate_get" });
  });
});

describe("bootstrap", () => {
  const options = {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection: password("P@ss"),
  };
  let count = 0;
  const newOrganization = () => {
    count += 1;
    return server.createOrganization(`Hostile${count}`);
  };

  test("the reply is lost: the same again finishes with the same device", async () => {
    const address = await newOrganization();
    const tampers: Record<string, Tamper> = { organization_bootstrap: "lose_reply" };
    const parsec = await openParsec(tampers);
    await expect(parsec.bootstrap(address, options)).rejects.toMatchObject({ code: "OFFLINE" });
    const [unconfirmed] = await parsec.unconfirmedDevices();
    expect(await parsec.devices()).toEqual([]);
    delete tampers["organization_bootstrap"];
    const session = await parsec.bootstrap(address, options);
    cleanup.push(() => session.close());
    expect(session.deviceId).toBe(unconfirmed?.deviceId);
    expect(await parsec.devices()).toHaveLength(1);
  });

  test("the reply is lost: a login finds out, and needs the server for it", async () => {
    const address = await newOrganization();
    const tampers: Record<string, Tamper> = { organization_bootstrap: "lose_reply", organization_info: "lose_request" };
    const parsec = await openParsec(tampers);
    await expect(parsec.bootstrap(address, options)).rejects.toMatchObject({ code: "OFFLINE" });
    const [unconfirmed] = await parsec.unconfirmedDevices();
    if (unconfirmed === undefined) throw new Error("the device is lost");
    await expect(parsec.login(unconfirmed.deviceId, options.protection)).rejects.toMatchObject({ code: "OFFLINE" });
    delete tampers["organization_info"];
    const session = await parsec.login(unconfirmed.deviceId, options.protection);
    cleanup.push(() => session.close());
    expect(await parsec.unconfirmedDevices()).toEqual([]);
  });

  test("the request is lost: the same again starts anew, and leaves nothing behind", async () => {
    const address = await newOrganization();
    const tampers: Record<string, Tamper> = { organization_bootstrap: "lose_request" };
    const parsec = await openParsec(tampers);
    await expect(parsec.bootstrap(address, options)).rejects.toMatchObject({ code: "OFFLINE" });
    const [unconfirmed] = await parsec.unconfirmedDevices();
    delete tampers["organization_bootstrap"];
    const session = await parsec.bootstrap(address, options);
    cleanup.push(() => session.close());
    expect(session.deviceId).not.toBe(unconfirmed?.deviceId);
    expect(await parsec.unconfirmedDevices()).toEqual([]);
  });

  test("a server that is down, an unknown organization, a wrong address", async () => {
    const parsec = await openParsec({});
    const nowhere = (await newOrganization()).replace(/:\d+/, ":1");
    await expect(parsec.bootstrap(nowhere, options)).rejects.toMatchObject({ code: "OFFLINE" });
    const unknown = (await newOrganization()).replace(/Hostile\d+/, "Nobody");
    await expect(parsec.bootstrap(unknown, options)).rejects.toMatchObject({ code: "ORGANIZATION_NOT_FOUND" });
    await expect(parsec.bootstrap("http://example.com", options)).rejects.toMatchObject({ code: "INVALID_URL_SCHEME" });
    await expect(
      parsec.bootstrap(await newOrganization(), { ...options, human: { email: "alice", label: "Alice" } }),
    ).rejects.toMatchObject({ code: "INVALID_EMAIL" });
  });
});

function flip(bytes: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const middle = bytes.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  return flipped;
}
