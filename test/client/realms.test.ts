import { createParsec, type Parsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DeviceId, UserId, VlobId } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { readText } from "../support/two-devices.ts";

// Alice (ADMIN), bob (STANDARD, READER of `wksp1`) and mallory (OUTSIDER) of the dump coolorg, on a real server.

const dump = readDump("coolorg.json");
const wksp1 = id("f0000000000000000000000000000004");

let server: RunningServer;
let parsec: Parsec;
let organization: LoadedOrganization;
let sessions: Session[];

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  organization = await loadDump(server.url, dump);
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) await session.close();
  await parsec.close();
});

async function login(label: string): Promise<Session> {
  const session = await parsec.login(localDevice(dump, label, organization));
  sessions.push(session);
  await session.refresh();
  return session;
}

function id(hex: string): VlobId {
  const parsed = VlobId.parse(hex);
  if (parsed === undefined) throw new Error(hex);
  return parsed;
}

describe("sharing", () => {
  test("a new workspace is shared, changed, taken away", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.create("Docs");
    await workspace.share(bob.userId, "CONTRIBUTOR");
    expect(workspace.members()).toContainEqual({ userId: bob.userId, role: "CONTRIBUTOR" });
    await bob.refresh();
    const [docs] = await bob.workspaces.find("Docs");
    expect(docs?.info).toMatchObject({ id: workspace.id, role: "CONTRIBUTOR", isBootstrapped: true });

    await workspace.share(bob.userId, "OWNER");
    await bob.refresh();
    expect(bob.workspaces.list()).toContainEqual(expect.objectContaining({ name: "Docs", role: "OWNER" }));
    await docs?.rename("Papers");
    await alice.refresh();
    expect(workspace.name).toBe("Papers");

    await workspace.unshare(bob.userId);
    await bob.refresh();
    expect(await bob.workspaces.find("Papers")).toEqual([]);
  });

  test("a name that was written with an older key is read after a new one was made", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.create("Docs");
    await workspace.rename("Written with the first key");
    await workspace.rotateKey();
    await workspace.rotateKey();
    await workspace.share(bob.userId, "READER");
    await bob.refresh();
    expect(bob.workspaces.list()).toContainEqual(
      expect.objectContaining({ id: workspace.id, name: "Written with the first key", isBootstrapped: true }),
    );
  });

  test("after an unsharing, the next key is not for the one who left", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.get(wksp1);
    await workspace.unshare(bob.userId);
    await alice.maintain();
    await workspace.rename("Secret");
    await bob.refresh();
    expect(bob.workspaces.list().map(({ name }) => name)).not.toContain("Secret");
    await workspace.share(bob.userId, "READER");
    await bob.refresh();
    expect(bob.workspaces.list()).toContainEqual(expect.objectContaining({ id: wksp1, name: "Secret" }));
  });

  test("refusals have a code each", async () => {
    const [alice, bob, mallory] = [await login("Alicey"), await login("Boby"), await login("Malloryy")];
    const workspace = await alice.workspaces.get(wksp1);
    const bobs = await bob.workspaces.get(wksp1);
    await expect(workspace.share(alice.userId, "READER")).rejects.toMatchObject({ code: "RECIPIENT_IS_SELF" });
    await expect(workspace.share(UserId.generate(), "READER")).rejects.toMatchObject({ code: "RECIPIENT_NOT_FOUND" });
    await expect(workspace.share(mallory.userId, "MANAGER")).rejects.toMatchObject({
      code: "ROLE_INCOMPATIBLE_WITH_OUTSIDER",
    });
    await expect(bobs.share(mallory.userId, "READER")).rejects.toMatchObject({ code: "AUTHOR_NOT_ALLOWED" });
    await expect(bobs.rename("Mine")).rejects.toMatchObject({ code: "AUTHOR_NOT_ALLOWED" });
    await expect(bobs.selfPromoteToOwner()).rejects.toMatchObject({ code: "ACTIVE_OWNER_ALREADY_EXISTS" });
    await expect(alice.workspaces.get(VlobId.generate())).rejects.toMatchObject({ code: "WORKSPACE_NOT_FOUND" });
    const theirs = await mallory.workspaces.create("Mine");
    await expect(theirs.share(bob.userId, "READER")).rejects.toMatchObject({ code: "AUTHOR_NOT_ALLOWED" });
  });

  test("the same role twice is no error", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.get(wksp1);
    await workspace.share(bob.userId, "READER");
    await workspace.unshare(bob.userId);
    await workspace.unshare(bob.userId);
  });
});

describe("two owners at once", () => {
  test("both rotate the key: one key is made, both go on", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.get(wksp1);
    await workspace.share(bob.userId, "OWNER");
    await bob.refresh();
    const bobs = await bob.workspaces.get(wksp1);
    await Promise.all([workspace.rotateKey(), bobs.rotateKey()]);
    // Alice knows the new key; bob encrypts the next name with the last one too.
    await bobs.rename("Ours");
    await alice.refresh();
    expect(workspace.name).toBe("Ours");
  });
});

describe("revocation", () => {
  test("a revoked member is unshared, and gets no new key", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.get(wksp1);
    await alice.users.revoke(bob.userId);
    expect(alice.users.get(bob.userId)?.revokedBy).toBe(alice.deviceId);
    expect(workspace.members().map(({ userId }) => userId)).toEqual([alice.userId]);
    await alice.maintain();
    await expect(workspace.share(bob.userId, "READER")).rejects.toMatchObject({ code: "RECIPIENT_REVOKED" });
    await expect(bob.refresh()).rejects.toMatchObject({ code: "USER_REVOKED" });
    await alice.users.revoke(bob.userId);
  });

  test("the last one below a revoked owner becomes owner", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    await alice.users.updateProfile(bob.userId, "ADMIN");
    await bob.refresh();
    await bob.users.revoke(alice.userId);
    await bob.refresh();
    const workspace = await bob.workspaces.get(wksp1);
    expect(workspace.info).toMatchObject({ role: "READER", canSelfPromoteToOwner: true });
    await workspace.selfPromoteToOwner();
    expect(workspace.info).toMatchObject({ role: "OWNER", canSelfPromoteToOwner: false });
    await bob.maintain();
    await workspace.rename("Bob's");
    expect(workspace.name).toBe("Bob's");
  });

  test("nobody revokes or changes themselves, and only an ADMIN the others", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    await expect(alice.users.revoke(alice.userId)).rejects.toMatchObject({ code: "USER_IS_SELF" });
    await expect(alice.users.updateProfile(alice.userId, "ADMIN")).rejects.toMatchObject({ code: "USER_IS_SELF" });
    await expect(alice.users.revoke(UserId.generate())).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
    await expect(bob.users.revoke(alice.userId)).rejects.toMatchObject({ code: "AUTHOR_NOT_ALLOWED" });
    await expect(bob.users.updateProfile(alice.userId, "STANDARD")).rejects.toMatchObject({
      code: "AUTHOR_NOT_ALLOWED",
    });
    expect(bob.users.device(DeviceId.generate())).toBe(undefined);
  });
});

describe("redaction", () => {
  test("who becomes OUTSIDER sees nobody's name any more, and sees them again later", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const name = () => bob.users.get(alice.userId)?.humanHandle.email;
    expect(name()).toBe("alice@example.com");
    await alice.users.updateProfile(bob.userId, "OUTSIDER");
    await bob.refresh();
    expect(name()).toBe(`${alice.userId}@redacted.invalid`);
    expect(bob.users.list()).toHaveLength(3);
    await alice.users.updateProfile(bob.userId, "STANDARD");
    await bob.refresh();
    expect(name()).toBe("alice@example.com");
    // What is stored is of one kind only: it is read again as a whole.
    await bob.close();
    const again = await login("Boby");
    expect(again.users.list()).toHaveLength(3);
    expect(again.users.get(alice.userId)?.humanHandle.email).toBe("alice@example.com");
  });
});

describe("archiving", () => {
  test("archived, to be deleted, available again", async () => {
    const alice = await login("Alicey");
    const workspace = await alice.workspaces.get(wksp1);
    await workspace.archive({ type: "ARCHIVED" });
    expect(workspace.info.archiving).toEqual({ type: "ARCHIVED" });
    await expect(workspace.archive({ type: "DELETION_PLANNED", archivingPeriodSeconds: 1 })).rejects.toMatchObject({
      code: "ARCHIVING_PERIOD_TOO_SHORT",
    });
    await workspace.archive({ type: "DELETION_PLANNED", archivingPeriodSeconds: 365 * 86_400 });
    expect(workspace.info.archiving.type).toBe("DELETION_PLANNED");
    await workspace.archive({ type: "AVAILABLE" });
    expect(workspace.info.archiving).toEqual({ type: "AVAILABLE" });
  });
});

describe("the list of workspaces", () => {
  test("loses one that is taken away, keeps what this device has of it, and has it again with another role", async () => {
    const [alice, bob] = [await login("Alicey"), await login("Boby")];
    const workspace = await alice.workspaces.get(wksp1);
    await workspace.share(bob.userId, "CONTRIBUTOR");
    await bob.refresh();
    const bobs = await bob.workspaces.get(wksp1);
    await bobs.writeFile("/kept.txt", "not uploaded");
    let changes = 0;
    bob.events.on("workspaces_changed", () => {
      changes += 1;
    });
    await bob.refresh();
    expect(changes).toBe(0);
    await workspace.unshare(bob.userId);
    await bob.refresh();
    expect([changes, bob.workspaces.list()]).toEqual([1, []]);
    await expect(bob.workspaces.get(wksp1)).rejects.toMatchObject({ code: "WORKSPACE_NOT_FOUND" });

    await workspace.share(bob.userId, "MANAGER");
    await bob.refresh();
    expect([changes, bob.workspaces.list()]).toMatchObject([2, [{ id: wksp1, name: "wksp1", role: "MANAGER" }]]);
    await (await bob.workspaces.get(wksp1)).sync();
    await workspace.sync();
    expect(await readText(workspace, "/kept.txt")).toBe("not uploaded");
  });
});
