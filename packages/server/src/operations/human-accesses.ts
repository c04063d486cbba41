import {
  type DateTime,
  type HumanHandle,
  type OrganizationId,
  type RealmRole,
  UserId,
  type UserProfile,
  type VlobId,
} from "@parsec/types";
import type { Store, Transaction } from "../store/port/store.ts";
import type { UserRow } from "../store/port/users.ts";
import { organizationNamed } from "./realm.ts";

/** What a person can or could see, by its users: who was revoked and invited again has several. */
export interface HumanAccesses {
  readonly humanHandle: HumanHandle;
  readonly users: readonly UserAccesses[];
}

export interface UserAccesses {
  readonly userId: UserId;
  /** Null: revoked. */
  readonly profile: UserProfile | null;
  /** Oldest first; the last one may be the revocation. */
  readonly history: readonly { readonly on: DateTime; readonly profile: UserProfile | "REVOKED" }[];
  readonly realms: readonly RealmAccesses[];
}

export interface RealmAccesses {
  readonly realmId: VlobId;
  /** Oldest first; null: access was taken away. */
  readonly history: readonly { readonly on: DateTime; readonly role: RealmRole | null }[];
}

/**
 * The humans of an organization of whom every word is found in name, e-mail or user id (spec 08c §4), in order of creation.
 * @throws OperationError `ORGANIZATION_NOT_FOUND`
 */
export async function humanAccesses(
  store: Store,
  organizationId: OrganizationId,
  words: readonly string[],
): Promise<readonly HumanAccesses[]> {
  return await store.transaction(async (tx) => {
    await organizationNamed(tx, organizationId);
    const updates = await tx.users.profileUpdates(organizationId);
    const humans = new Map<string, { readonly humanHandle: HumanHandle; readonly users: UserAccesses[] }>();
    for (const user of await tx.users.list(organizationId)) {
      if (!isFound(user, words)) continue;
      const own = updates.filter(({ userId }) => userId === user.userId);
      const history = [
        { on: user.createdOn, profile: user.initialProfile },
        ...own.map(({ certifiedOn, profile }) => ({ on: certifiedOn, profile })),
        ...(user.revocation === null ? [] : [{ on: user.revocation.on, profile: "REVOKED" as const }]),
      ];
      const human = humans.get(user.humanHandle.email) ?? { humanHandle: user.humanHandle, users: [] };
      humans.set(user.humanHandle.email, human);
      human.users.push({
        userId: user.userId,
        profile: user.revocation === null ? user.currentProfile : null,
        history,
        realms: await realmsOf(tx, organizationId, user.userId),
      });
    }
    return { end: "rollback", value: [...humans.values()] };
  });
}

async function realmsOf(
  tx: Transaction,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<readonly RealmAccesses[]> {
  const realms = new Map<VlobId, { readonly on: DateTime; readonly role: RealmRole | null }[]>();
  for (const { realmId, certifiedOn: on, role } of await tx.realms.rolesOfUser(organizationId, userId)) {
    const history = realms.get(realmId) ?? [];
    realms.set(realmId, history);
    history.push({ on, role });
  }
  return [...realms].map(([realmId, history]) => ({ realmId, history }));
}

function isFound({ userId, humanHandle }: UserRow, words: readonly string[]): boolean {
  const text = `${humanHandle.label} <${humanHandle.email}> ${userId} ${UserId.display(userId)}`.toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}
