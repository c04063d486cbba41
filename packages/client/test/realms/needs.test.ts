import { ready } from "@parsec/crypto";
import { VlobId } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import { realmNeeds } from "../../src/realms/needs.ts";
import { TestOrganization } from "../support/organization.ts";

beforeAll(() => ready());

function sharedRealm() {
  const organization = new TestOrganization();
  const alice = organization.user("alice", "ADMIN");
  const bob = organization.user("bob", "STANDARD", alice);
  const carl = organization.user("carl", "STANDARD", alice);
  const realmId = organization.realm(alice);
  for (const user of [bob, carl]) organization.role(alice, realmId, user, "READER");
  return { organization, alice, bob, carl, realmId };
}

test("a shared realm needs nothing", () => {
  const { organization, realmId } = sharedRealm();
  expect(realmNeeds(organization.index, realmId)).toEqual({ revokedMembers: [], nextKeyIndex: undefined });
});

test("who was unshared must not read what is written later", () => {
  const { organization, alice, bob, realmId } = sharedRealm();
  organization.role(alice, realmId, bob, null);
  expect(realmNeeds(organization.index, realmId)).toEqual({ revokedMembers: [], nextKeyIndex: 2 });
  organization.rotation(alice, realmId);
  expect(realmNeeds(organization.index, realmId)).toEqual({ revokedMembers: [], nextKeyIndex: undefined });
});

test("revoked members are unshared, in the order of their ids", () => {
  const { organization, alice, bob, carl, realmId } = sharedRealm();
  for (const user of [bob, carl]) organization.revoke(alice, user);
  const revokedMembers = [bob.userId, carl.userId].sort();
  expect(realmNeeds(organization.index, realmId)).toEqual({ revokedMembers, nextKeyIndex: 2 });
});

test("an unknown realm, and one without key, need nothing", () => {
  const { organization, alice } = sharedRealm();
  const bare = VlobId.generate();
  organization.role(alice, bare, alice, "OWNER");
  for (const realmId of [bare, VlobId.generate()]) {
    expect(realmNeeds(organization.index, realmId)).toEqual({ revokedMembers: [], nextKeyIndex: undefined });
  }
});
