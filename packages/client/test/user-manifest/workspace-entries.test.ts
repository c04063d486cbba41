import { OfflineError } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { DateTime, EntryName, type LocalUserManifestWorkspaceEntry, VlobId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { ClientError } from "../../src/errors.ts";
import {
  insertEntry,
  listWorkspaces,
  newWorkspaceEntry,
  type ReadRealmName,
} from "../../src/user-manifest/workspace-entries.ts";
import { TestOrganization, type TestUser } from "../support/organization.ts";

beforeAll(() => ready());

const longAfter = DateTime.fromMicros(2_000_000_000_000_000);

function setUp() {
  const organization = new TestOrganization();
  const alice = organization.user("alice", "ADMIN");
  const bob = organization.user("bob", "STANDARD", alice);
  const realmId = organization.realm(alice);
  return { organization, alice, bob, realmId };
}

/** The list of `self`, every readable name being `name`. */
function listFor(
  { organization }: { readonly organization: TestOrganization },
  self: TestUser,
  old: readonly LocalUserManifestWorkspaceEntry[] = [],
  readName: ReadRealmName = named("Docs"),
) {
  const { index: view } = organization;
  return listWorkspaces({ view, self: self.userId, userRealmId: VlobId.generate(), now: longAfter, readName }, old);
}

function named(name: string): ReadRealmName {
  return () => Promise.resolve({ name: EntryName.parse(name), timestamp: longAfter });
}

const certificate = { type: "CERTIFICATE" };
const placeholder = { type: "PLACEHOLDER" };

describe("what the certificates imply", () => {
  test("a workspace that was shared, with its role", async () => {
    const organization = setUp();
    organization.organization.role(organization.alice, organization.realmId, organization.bob, "READER");
    expect((await listFor(organization, organization.bob)).entries).toMatchObject([
      { id: organization.realmId, name: "Docs", nameOrigin: certificate, role: "READER", roleOrigin: certificate },
    ]);
  });

  test("one that was taken away is lost", async () => {
    const { organization, alice, bob, realmId } = setUp();
    organization.role(alice, realmId, bob, "READER");
    const { entries } = await listFor({ organization }, bob);
    organization.role(alice, realmId, bob, null);
    expect(await listFor({ organization }, bob, entries)).toEqual({ entries: [], lost: [realmId] });
  });

  test.each([
    ["past", longAfter, true],
    ["future", DateTime.fromMicros(longAfter + 1), false],
  ])("a deletion planned for the %s", async (_, deletionDate, isLost) => {
    const { organization, alice, realmId } = setUp();
    organization.add(alice, (common) => ({
      type: "realm_archiving_certificate",
      ...common,
      realmId,
      configuration: { type: "DELETION_PLANNED", deletionDate },
    }));
    const { entries, lost } = await listFor({ organization }, alice);
    expect(lost).toEqual(isLost ? [realmId] : []);
    expect(entries.map(({ archivingConfiguration }) => archivingConfiguration)).toEqual(
      isLost ? [] : [{ type: "DELETION_PLANNED", deletionDate }],
    );
  });

  test("who may promote themselves", async () => {
    const { organization, alice, bob, realmId } = setUp();
    const admin = organization.user("admin", "ADMIN", alice);
    organization.role(alice, realmId, bob, "MANAGER");
    const canPromote = async () => (await listFor({ organization }, bob)).entries[0]?.canSelfPromoteToOwner;
    expect(await canPromote()).toBe(false);
    organization.revoke(admin, alice);
    expect(await canPromote()).toBe(true);
    organization.profile(admin, bob, "OUTSIDER");
    expect(await canPromote()).toBe(false);
  });
});

describe("names that were read", () => {
  test("are not read again until another certificate gives one", async () => {
    const { organization, alice, realmId } = setUp();
    const rename = () =>
      organization.add(alice, (common) => ({
        type: "realm_name_certificate",
        ...common,
        realmId,
        keyIndex: 1,
        encryptedName: new Uint8Array(3),
      }));
    organization.add(alice, (common) => ({
      type: "realm_key_rotation_certificate",
      ...common,
      realmId,
      keyIndex: 1,
      encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
      hashAlgorithm: "SHA256",
      keyCanary: new Uint8Array(3),
    }));
    rename();
    const asked: VlobId[] = [];
    const readName: ReadRealmName = async (id) => {
      asked.push(id);
      const timestamp = organization.index.realmNames(id).at(-1)?.timestamp;
      return timestamp && { name: EntryName.parse(`Name ${asked.length}`), timestamp };
    };
    const first = await listFor({ organization }, alice, [], readName);
    expect(first.entries).toMatchObject([{ name: "Name 1", nameOrigin: certificate }]);
    expect(await listFor({ organization }, alice, first.entries, readName)).toEqual(first);
    expect(asked).toEqual([realmId]);
    rename();
    const second = await listFor({ organization }, alice, first.entries, readName);
    expect(second.entries).toMatchObject([{ name: "Name 2", nameOrigin: certificate }]);
  });
});

describe("names that cannot be had", () => {
  test("no name yet: one made of the id, or the old one", async () => {
    const { organization, alice, realmId } = setUp();
    const none = () => Promise.resolve(undefined);
    const { entries } = await listFor({ organization }, alice, [], none);
    expect(entries).toMatchObject([{ name: `Workspace ${realmId}`, nameOrigin: placeholder }]);
    const old = [newWorkspaceEntry(realmId, EntryName.parse("Mine"))];
    expect((await listFor({ organization }, alice, old, none)).entries).toMatchObject([
      { name: "Mine", nameOrigin: placeholder, roleOrigin: certificate },
    ]);
  });

  test("no network: the old name stays as it was, and nothing is lost", async () => {
    const { organization, alice } = setUp();
    const { entries } = await listFor({ organization }, alice);
    const offline = () => Promise.reject(new OfflineError("no network"));
    expect(await listFor({ organization }, alice, entries, offline)).toEqual({ entries, lost: [] });
  });

  test("unreadable: the workspace stays reachable under a name made of its id", async () => {
    const { organization, alice, realmId } = setUp();
    const unreadable = () => Promise.reject(new ClientError("REALM_KEY_CORRUPTED"));
    const { entries } = await listFor({ organization }, alice, [], unreadable);
    expect(entries).toMatchObject([{ name: `Workspace ${realmId}`, nameOrigin: placeholder }]);
  });

  test("no access any more: it stays as only this device knows it, until a certificate says otherwise", async () => {
    const { organization, alice } = setUp();
    const { entries } = await listFor({ organization }, alice);
    const denied = () => Promise.reject(new ClientError("REALM_ACCESS_DENIED"));
    expect((await listFor({ organization }, alice, entries, denied)).entries).toMatchObject([
      { name: "Docs", nameOrigin: placeholder, roleOrigin: placeholder },
    ]);
    expect((await listFor({ organization }, alice, [], denied)).entries).toEqual([]);
  });

  test("anything else is not swallowed", async () => {
    const { organization, alice } = setUp();
    const failing = () => Promise.reject(new TypeError("a bug"));
    await expect(listFor({ organization }, alice, [], failing)).rejects.toThrow(TypeError);
  });
});

describe("what only this device knows", () => {
  test("a workspace created offline stays", async () => {
    const { organization, alice, realmId } = setUp();
    const mine = newWorkspaceEntry(VlobId.generate(), EntryName.parse("Aaa"));
    const { entries, lost } = await listFor({ organization }, alice, [mine]);
    expect(entries.map(({ id }) => id)).toEqual([mine.id, realmId]);
    expect(entries[0]).toEqual(mine);
    expect(lost).toEqual([]);
  });

  test("names are in the order of their code points", () => {
    // U+FF5E comes before U+1F600, whose UTF-16 form begins with a smaller unit.
    const names = ["b", "a", "\u{1f600}", "\uff5e", "B", "ab"].map((name) => EntryName.parse(name));
    const entries = names.reduce<readonly LocalUserManifestWorkspaceEntry[]>(
      (list, name) => insertEntry(list, newWorkspaceEntry(VlobId.generate(), name)),
      [],
    );
    expect(entries.map(({ name }) => name)).toEqual(["B", "a", "ab", "b", "\uff5e", "\u{1f600}"]);
  });
});
