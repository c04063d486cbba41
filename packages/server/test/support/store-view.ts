import { DateTime, type EmailAddress, type OrganizationId, UserProfile, type VlobId } from "@parsec/types";
import { codePurposes } from "../../src/store/port/accounts.ts";
import type { Transaction } from "../../src/store/port/store.ts";
import {
  attempts,
  authMethods,
  blocks,
  dates,
  devices,
  emails,
  enrollments,
  opaqueKeys,
  organizations,
  realms,
  services,
  tokens,
  users,
  vlobs,
} from "./store-pools.ts";

// What any sequence of writes leaves behind, seen through every query of the port: two stores that agree on all of it are the
// same store to a command.

/** Everything that the queries of the port tell, in the order in which they tell it. */
export async function observe(tx: Transaction): Promise<unknown> {
  const seen: unknown[] = [await tx.organizations.list()];
  for (const organizationId of organizations) {
    const found = await tx.organizations.find(organizationId);
    seen.push(found);
    if (found !== undefined) seen.push(await observeOrganization(tx, organizationId));
  }
  for (const email of emails) {
    seen.push(await tx.users.findEverywhere(email), await tx.invitations.openForEmail(email));
    seen.push(await observeAccount(tx, email));
  }
  return seen;
}

async function observeOrganization(tx: Transaction, organizationId: OrganizationId): Promise<unknown> {
  const seen: unknown[] = [
    await tx.users.frozen(organizationId),
    await tx.users.countActive(organizationId),
    await tx.realms.list(organizationId),
    await tx.realms.totalSizes(organizationId),
    await tx.invitations.list(organizationId),
    await tx.shamir.list(organizationId),
    await tx.sequester.list(organizationId),
    await tx.enrollments.listSubmitted(organizationId),
    await tx.enrollments.usage(organizationId),
    await tx.topics.last(organizationId, "common"),
  ];
  for (const profile of UserProfile.values) seen.push(await tx.users.activeOfProfile(organizationId, profile));
  for (const after of dates) {
    seen.push(
      await tx.users.list(organizationId, after),
      await tx.users.devices(organizationId, after),
      await tx.users.profileUpdates(organizationId, after),
    );
  }
  for (const email of emails) {
    seen.push(
      await tx.users.findActiveByEmail(organizationId, email),
      await tx.users.findHuman(organizationId, email),
      await tx.enrollments.findSubmitted(organizationId, email),
      await tx.invitations.openFor(organizationId, { type: "USER", claimerEmail: email }),
    );
  }
  for (const userId of users) {
    seen.push(
      await tx.users.find(organizationId, userId),
      await tx.realms.rolesOfUser(organizationId, userId),
      await tx.shamir.findActive(organizationId, userId),
      await tx.shamir.concerning(organizationId, userId),
      await tx.totp.setup(organizationId, userId),
      await tx.totp.keysOfUser(organizationId, userId),
      await tx.invitations.openFor(organizationId, { type: "DEVICE", claimer: userId }),
      await tx.invitations.greetedBy(organizationId, userId, { newUsers: false }),
      await tx.invitations.greetedBy(organizationId, userId, { newUsers: true }),
    );
    for (const token of tokens) seen.push(await tx.invitations.attempts(organizationId, token, userId));
  }
  for (const deviceId of devices) seen.push(await tx.users.findDevice(organizationId, deviceId));
  for (const token of tokens) seen.push(await tx.invitations.find(organizationId, token));
  for (const enrollmentId of enrollments) seen.push(await tx.enrollments.find(organizationId, enrollmentId));
  for (const opaqueKeyId of opaqueKeys) seen.push(await tx.totp.findKey(organizationId, opaqueKeyId));
  for (const serviceId of services) seen.push(await tx.sequester.find(organizationId, serviceId));
  for (const attemptId of attempts) {
    seen.push(await tx.invitations.findAttempt(organizationId, attemptId));
    for (const index of [0, 1, 2]) seen.push(await tx.invitations.step(organizationId, attemptId, index));
  }
  for (const realmId of realms) {
    if ((await tx.realms.find(organizationId, realmId)) !== undefined) {
      seen.push(await observeRealm(tx, organizationId, realmId));
    }
  }
  return seen;
}

async function observeRealm(tx: Transaction, organizationId: OrganizationId, realmId: VlobId): Promise<unknown> {
  const here = [organizationId, realmId] as const;
  const versions = vlobs.flatMap((vlobId) => [1, 2, 2 ** 40].map((version) => [vlobId, version] as const));
  const seen: unknown[] = [
    [...(await tx.realms.currentRoles(...here))].sort(),
    await tx.realms.accesses(...here),
    await tx.realms.serviceAccesses(...here),
    await tx.topics.last(organizationId, { realm: realmId }),
    await tx.vlobs.versions(...here, [...versions, ...versions.slice(0, 2)]),
    await tx.vlobs.newestTimestamp(...here),
    await tx.vlobs.list(...here),
    await vlobsByParts(tx, here, 1, 99),
    await vlobsByParts(tx, here, 2, 99),
    await vlobsByParts(tx, here, 99, 4),
    await tx.vlobs.page(...here, { after: 99, limit: 1, bytes: 1 }),
    await tx.vlobs.totalSize(...here),
    await tx.vlobs.totalSize(...here, DateTime.fromMicros(3)),
    await tx.blocks.list(...here),
    await tx.blocks.count(...here),
    await tx.blocks.page(...here, { after: null, limit: 2 }),
    await tx.blocks.totalSize(...here),
    await tx.blocks.totalSize(...here, DateTime.fromMicros(3)),
  ];
  for (const after of dates) {
    seen.push(
      await tx.realms.roles(...here, after),
      await tx.realms.names(...here, after),
      await tx.realms.archivings(...here, after),
      await tx.realms.rotations(...here, after),
      await tx.vlobs.latest(...here, [...vlobs, ...vlobs].reverse(), after),
    );
  }
  for (const checkpoint of [0, 1, 3, 99]) seen.push(await tx.vlobs.changesAfter(...here, checkpoint));
  for (const userId of users) {
    seen.push(await tx.realms.currentRole(...here, userId), await tx.realms.latestAccess(...here, userId, 1));
  }
  for (const vlobId of vlobs) {
    seen.push(await tx.vlobs.lastVersion(...here, vlobId), await tx.cryptpad.find(...here, vlobId));
  }
  for (const blockId of blocks) {
    seen.push(await tx.blocks.page(...here, { after: blockId, limit: 1 }));
    seen.push(await tx.blocks.find(...here, blockId), await tx.blocks.realmsWith(organizationId, blockId));
  }
  seen.push(await tx.realms.rotation(...here, 1));
  return seen;
}

/** All versions of a realm, by parts of so many rows and bytes at most. */
async function vlobsByParts(
  tx: Transaction,
  here: readonly [OrganizationId, VlobId],
  limit: number,
  bytes: number,
): Promise<unknown> {
  const parts: unknown[] = [];
  for (let after = 0; ; ) {
    const page = await tx.vlobs.page(...here, { after, limit, bytes });
    const last = page.at(-1);
    if (last === undefined) return parts;
    parts.push(page);
    after = last.checkpoint;
  }
}

/** The numbers of vaults are the store's own. */
async function observeAccount(tx: Transaction, email: EmailAddress): Promise<unknown> {
  const seen: unknown[] = [await tx.accounts.find(email)];
  for (const purpose of codePurposes) seen.push(await tx.accounts.validationCode(purpose, email));
  const withoutVault = (row: object | undefined) => row && { ...row, vaultId: undefined };
  for (const { vaultId } of await tx.accounts.vaults(email)) {
    seen.push((await tx.accounts.findVault(vaultId))?.email, [...(await tx.accounts.items(vaultId))]);
    seen.push((await tx.accounts.authMethods(vaultId)).map(withoutVault));
  }
  seen.push(withoutVault(await tx.accounts.activePasswordMethod(email)));
  for (const authMethodId of authMethods) seen.push(withoutVault(await tx.accounts.findAuthMethod(authMethodId)));
  return seen;
}
