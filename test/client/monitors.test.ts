import { createParsec, type Parsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { comes } from "../support/patience.ts";

const dump = readDump("coolorg.json");

let server: RunningServer;
let parsec: Parsec;
let organization: LoadedOrganization;
let sessions: Session[];

beforeEach(async () => {
  await ready();
  server = await startServer({ testbed: true });
  organization = await loadDump(server.url, dump);
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver() });
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) await session.close();
  await parsec.close();
  await server.close();
});

async function login(label: string): Promise<Session> {
  const session = await parsec.login(localDevice(dump, label, organization));
  sessions.push(session);
  return session;
}

/** Resolves at the first event after which `condition` holds, or at once. */
function until(session: Session, condition: () => boolean): Promise<void> {
  const told = async () => {
    if (condition()) return;
    for await (const _ of session.events) if (condition()) return;
  };
  return comes(`an event after which ${condition.toString()}`, told());
}

describe("monitors", () => {
  test("a session comes online, and knows everything by itself", async () => {
    const alice = await login("Alicey");
    await until(alice, () => alice.connectionState.status === "online" && alice.workspaces.list().length === 1);
    expect(alice.users.list()).toHaveLength(3);
    expect(alice.workspaces.list()).toMatchObject([{ name: "wksp1", isBootstrapped: true }]);
  });

  test("what one does the others see: a workspace appears, is shared, renamed, taken away", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    await until(alice, () => alice.users.list().length === 3);
    const workspace = await alice.workspaces.create("Docs");
    await until(alice, () => workspace.info.isBootstrapped);
    await workspace.share(bob.userId, "MANAGER");
    const lists = (name: string) => bob.workspaces.list().some((workspace) => workspace.name === name);
    await until(bob, () => lists("Docs"));
    await workspace.rename("Papers");
    await until(bob, () => lists("Papers"));
    await workspace.unshare(bob.userId);
    await until(bob, () => !lists("Papers"));
  });

  test("what the monitors and a person begin at once is done once", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    await until(alice, () => alice.users.list().length === 3);
    const workspace = await alice.workspaces.create("Docs");
    await Promise.all([workspace.share(bob.userId, "READER"), workspace.sync(), alice.maintain()]);
    await until(bob, () => bob.workspaces.list().some(({ id }) => id === workspace.id));
    const response = await fetch(`${server.url}/testbed/organizations/${organization.organizationId}/dump`);
    const { operations } = (await response.json()) as { readonly operations: readonly { readonly op: string }[] };
    const count = (name: string) => operations.filter(({ op }) => op === name).length;
    // Those of the dump, and one each.
    const before = (name: string) => dump.operations.filter(({ op }) => op === name).length;
    for (const op of ["realm_create", "realm_rotate_key", "realm_rename"]) expect(count(op)).toBe(before(op) + 1);
  });

  test("the devices of an owner unshare a revoked member and make a new key", async () => {
    const alice = await login("Alicey");
    await until(alice, () => alice.workspaces.list().length === 1);
    const [workspace] = await alice.workspaces.find("wksp1");
    const bob = alice.users.list().find(({ humanHandle }) => humanHandle.email === "bob@example.com");
    if (bob === undefined || workspace === undefined) throw new Error("coolorg has bob and wksp1");
    const certificates = new Promise<void>((resolve) => {
      // The revocation, then the unsharing, then the key: three polls bring them.
      let count = 0;
      alice.events.on("new_certificates", (event) => {
        count += event.count;
        if (count === 3) resolve();
      });
    });
    await alice.users.revoke(bob.id);
    await comes("the unsharing and the key", certificates);
  });

  test("a revoked device is told why it is refused", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    await until(alice, () => alice.users.list().length === 3);
    await until(bob, () => bob.connectionState.status === "online");
    await alice.users.revoke(bob.userId);
    await until(bob, () => bob.connectionState.status === "refused");
    expect(bob.connectionState).toMatchObject({ status: "refused", reason: "USER_REVOKED" });
  });

  test("without server everything local works, and closing waits for nobody", async () => {
    const alice = await login("Alicey");
    await until(alice, () => alice.workspaces.list().length === 1);
    await server.close();
    await until(alice, () => alice.connectionState.status === "offline");
    const workspace = await alice.workspaces.create("Offline");
    expect(alice.workspaces.list().map(({ name }) => name)).toEqual(["Offline", "wksp1"]);
    expect(workspace.info.isBootstrapped).toBe(false);
    await expect(alice.refresh()).rejects.toMatchObject({ code: "OFFLINE" });
    await alice.close();
    await expect(alice.refresh()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await expect(alice.workspaces.get(workspace.id)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });
});
