import { type DateTime, type OrganizationId, UserProfile } from "@parsec/types";
import type { Transaction } from "../store/port/store.ts";

/** How many users of a profile there are. */
export interface ProfileCount {
  readonly active: number;
  readonly revoked: number;
}

/** Spec 08c §1.3. Sizes in bytes. */
export interface OrganizationStatistics {
  readonly realms: number;
  readonly dataSize: number;
  readonly metadataSize: number;
  readonly users: number;
  readonly activeUsers: number;
  readonly perProfile: ReadonlyMap<UserProfile, ProfileCount>;
}

/** What the organization holds, or held at `at`. Deleted realms do not count. */
export async function organizationStatistics(
  tx: Transaction,
  organizationId: OrganizationId,
  at?: DateTime,
): Promise<OrganizationStatistics> {
  const until = (date: DateTime) => at === undefined || date <= at;
  let [realms, dataSize, metadataSize] = [0, 0, 0];
  for (const { realmId, createdOn, status } of await tx.realms.list(organizationId)) {
    if (status === "DELETED" || !until(createdOn)) continue;
    realms += 1;
    dataSize += await tx.blocks.totalSize(organizationId, realmId, at);
    metadataSize += await tx.vlobs.totalSize(organizationId, realmId, at);
  }
  const updates = (await tx.users.profileUpdates(organizationId)).filter(({ certifiedOn }) => until(certifiedOn));
  const users = (await tx.users.list(organizationId))
    .filter(({ createdOn }) => until(createdOn))
    .map(({ userId, initialProfile, revocation }) => ({
      profile: updates.findLast((update) => update.userId === userId)?.profile ?? initialProfile,
      active: revocation === null || !until(revocation.on),
    }));
  const count = (profile: UserProfile, active: boolean) =>
    users.filter((user) => user.profile === profile && user.active === active).length;
  return {
    realms,
    dataSize,
    metadataSize,
    users: users.length,
    activeUsers: users.filter(({ active }) => active).length,
    perProfile: new Map(
      UserProfile.values.map((profile) => [profile, { active: count(profile, true), revoked: count(profile, false) }]),
    ),
  };
}
