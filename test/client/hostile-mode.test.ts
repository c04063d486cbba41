import { logIn } from "@parsec/account";
import { type ClientEvent, createParsec, type Session, type Workspace } from "@parsec/client";
import { createTransport } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { type HostileRule, type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { EmailAddress, parseServerHttpUrl } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  type DumpOperation,
  type LoadedOrganization,
  loadDump,
  localDevice,
  readDump,
  readVector,
} from "../support/organization-dump.ts";
import { names, readText } from "../support/two-devices.ts";

// Every behaviour of the server's hostile mode, in its class of docs/security.md: refused under a name, noticed by a
// device that knows better, or such that the protocol cannot tell. Whatever it is, an honest server afterwards is enough.

const dump = readDump("coolorg.json");
let server: RunningServer;
let organization: LoadedOrganization;
let alice: Session;
let workspace: Workspace;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true, config: { account: "ENABLED_WITH_VAULT" } });
});
afterAll(() => server.close());
beforeEach(async () => {
  server.hostile?.clear();
  organization = await loadDump(server.url, dump);
  alice = await login("Alicey");
  await alice.refresh();
  workspace = await only(alice);
  await workspace.writeFile("/a.txt", "first of a");
  await workspace.writeFile("/b.txt", "first of b");
  await workspace.sync();
});

/** A device that knows nothing yet. */
async function login(label: string): Promise<Session> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  const session = await parsec.login(localDevice(dump, label, organization));
  onTestFinished(async () => {
    await session.close();
    await parsec.close();
  });
  return session;
}

async function only(session: Session): Promise<Workspace> {
  const [found] = await session.workspaces.find("wksp1");
  if (found === undefined) throw new Error("no workspace");
  return found;
}

/** Bob, who has the certificates and nothing of the workspace. */
async function bobsWorkspace(listener?: (event: ClientEvent) => void): Promise<Workspace> {
  const bob = await login("Boby");
  if (listener !== undefined) bob.events.onAny(listener);
  await bob.refresh();
  return only(bob);
}

function lie(rule: HostileRule): void {
  server.hostile?.add({ ...rule, organization_id: organization.organizationId });
}

describe("refused by name", () => {
  test.each(["swap_blocks", "tamper_blocks"] as const)("%s", async (kind) => {
    const bob = await bobsWorkspace();
    await bob.stat("/a.txt");
    lie({ kind });
    const refusal = { code: "INVALID_BLOCK", reason: "CANNOT_DECRYPT" };
    await expect(readText(bob, "/a.txt")).rejects.toMatchObject(refusal);
    server.hostile?.clear();
    expect(await readText(bob, "/a.txt")).toBe("first of a");
  });

  test.each([
    ["tamper_vlobs", "CANNOT_DECRYPT"],
    ["forge_vlob_timestamps", "CLEARTEXT_CORRUPTED"],
    ["forge_vlob_authors", "CLEARTEXT_CORRUPTED"],
  ] as const)("%s", async (kind, reason) => {
    const bob = await bobsWorkspace();
    await bob.stat("/");
    lie({ kind });
    await expect(bob.stat("/a.txt")).rejects.toMatchObject({ code: "INVALID_MANIFEST", reason });
    server.hostile?.clear();
    expect(await readText(bob, "/a.txt")).toBe("first of a");
  });

  test.each([
    ["tamper_certificates", "CORRUPTED"],
    ["duplicate_certificates", "INVALID_TIMESTAMP"],
    ["reorder_certificates", "NON_EXISTING_AUTHOR"],
  ] as const)("%s", async (kind, rule) => {
    const bob = await login("Boby");
    lie({ kind });
    await expect(bob.refresh()).rejects.toMatchObject({ code: "INVALID_CERTIFICATE", violation: { rule } });
    await expectHonestAgain(bob);
  });

  test("drop_certificates, of those that others stand on", async () => {
    const bob = await login("Boby");
    lie({ kind: "drop_certificates", match: { certificate: "device_certificate" } });
    await expect(bob.refresh()).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
      violation: { rule: "NON_EXISTING_AUTHOR" },
    });
    await expectHonestAgain(bob);
  });

  test("serve_operations: what a member signed against the rules", async () => {
    const { cases } = readVector<{
      cases: readonly { readonly name: string; readonly operations: readonly DumpOperation[] }[];
    }>("invalid-certificates.json");
    const operations = cases.find(({ name }) => name === "revoking oneself")?.operations ?? [];
    const bob = await login("Boby");
    lie({ kind: "serve_operations", operations });
    await expect(bob.refresh()).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
    await expectHonestAgain(bob);
  });

  test("other_organization", async () => {
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
    const other = await parsec.bootstrap(await server.createOrganization("Another"), {
      human: { email: "eve@example.com", label: "Eve" },
      deviceLabel: "laptop",
      protection: keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() }),
    });
    await other.close();
    await parsec.close();
    const bob = await login("Boby");
    lie({ kind: "other_organization", from: other.organizationId });
    await expect(bob.refresh()).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
      violation: { rule: "CORRUPTED" },
    });
    await expectHonestAgain(bob);
  });

  test("weak_kdf", async () => {
    server.hostile?.add({ kind: "weak_kdf" });
    const transport = createTransport();
    onTestFinished(() => transport.close());
    const account = logIn(
      { address: parseServerHttpUrl(server.url), transport },
      { email: EmailAddress.parse("alice@example.com"), password: "P@ss" },
    );
    await expect(account).rejects.toMatchObject({ code: "BAD_PASSWORD_ALGORITHM" });
  });

  test("garbage_reply", async () => {
    const bob = await login("Boby");
    lie({ kind: "garbage_reply" });
    await expect(bob.refresh()).rejects.toMatchObject({ code: "BAD_REPLY" });
    await expectHonestAgain(bob);
  });

  test("http_status", async () => {
    const bob = await login("Boby");
    for (const [status, code] of [
      [403, "BAD_AUTHENTICATION"],
      [404, "ORGANIZATION_NOT_FOUND"],
      [461, "USER_REVOKED"],
      [418, "UNEXPECTED_STATUS"],
      [503, "OFFLINE"],
    ] as const) {
      lie({ kind: "http_status", status, count: 1 });
      await expect(bob.refresh()).rejects.toMatchObject({ code });
    }
    await expectHonestAgain(bob);
  });
});

describe("noticed by a device that knows better", () => {
  test("replay_vlobs: what is here stays, and server_went_back says so", async () => {
    await workspace.writeFile("/a.txt", "second of a");
    await workspace.sync();
    const seen: ClientEvent[] = [];
    const bob = await bobsWorkspace((event) => {
      if (event.type === "server_went_back") seen.push(event);
    });
    expect(await readText(bob, "/a.txt")).toBe("second of a");
    await workspace.writeFile("/a.txt", "third of a");
    await workspace.sync();
    lie({ kind: "replay_vlobs" });
    await bob.sync().catch(() => undefined);
    expect(seen).toContainEqual(expect.objectContaining({ realmId: bob.id, known: 2, given: 1 }));
    expect(await readText(bob, "/a.txt")).toBe("second of a");
    server.hostile?.clear();
    await workspace.writeFile("/a.txt", "fourth of a");
    await workspace.sync();
    await bob.sync();
    expect(await readText(bob, "/a.txt")).toBe("fourth of a");
  });

  test("drop_certificates, of those that a reply says to be needed", async () => {
    lie({ kind: "drop_certificates" });
    const bob = alice.users.list().find(({ humanHandle }) => humanHandle.label.startsWith("Bob"));
    if (bob === undefined) throw new Error("no bob");
    await expect(alice.users.revoke(bob.id)).rejects.toMatchObject({ code: "MISSING_CERTIFICATES" });
    server.hostile?.clear();
    await alice.refresh();
    expect(alice.users.get(bob.id)?.revokedOn).toBeDefined();
  });

  test("delay: nobody has to wait for it, and a late answer is an answer", async () => {
    const bob = await login("Boby");
    const abort = new AbortController();
    lie({ kind: "delay", delay_ms: 200, count: 2 });
    const waiting = bob.refresh({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await bob.refresh();
    expect(bob.users.list()).toHaveLength(3);
  });
});

describe("beyond what the protocol can tell", () => {
  test("replay_vlobs, to a device that has never seen more: an old version is a version", async () => {
    await workspace.writeFile("/a.txt", "second of a");
    await workspace.sync();
    lie({ kind: "replay_vlobs" });
    const bob = await bobsWorkspace();
    // Nor had the first version of the root this file.
    expect(await names(bob)).not.toContain("a.txt");
    server.hostile?.clear();
    // The lie is believed until what it was about changes again.
    await workspace.createFolder("/news");
    await workspace.sync();
    await bob.sync();
    expect(await readText(bob, "/a.txt")).toBe("second of a");
  });

  test("drop_certificates, of the newest that nothing else needs: a revocation that is kept back", async () => {
    const bob = alice.users.list().find(({ humanHandle }) => humanHandle.label.startsWith("Bob"));
    if (bob === undefined) throw new Error("no bob");
    await alice.users.revoke(bob.id);
    const mallory = await login("Malloryy");
    lie({ kind: "drop_certificates", match: { certificate: "revoked_user_certificate" } });
    await mallory.refresh();
    expect(mallory.users.get(bob.id)?.revokedOn).toBeUndefined();
    server.hostile?.clear();
    await mallory.refresh();
    expect(mallory.users.get(bob.id)?.revokedOn).toBeDefined();
  });
});

async function expectHonestAgain(session: Session): Promise<void> {
  expect(session.users.list()).toEqual([]);
  server.hostile?.clear();
  await session.refresh();
  expect(session.users.list()).toHaveLength(3);
}
