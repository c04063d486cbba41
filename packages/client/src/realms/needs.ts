import type { UserId, VlobId } from "@parsec/types";
import { isRevokedAt, latest, membersAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";

/** What an OWNER should do for a realm, so that those who left read nothing new (spec 09a §6.6). */
export interface RealmNeeds {
  /** Members who are revoked and still have a role, by id. */
  readonly revokedMembers: readonly UserId[];
  /** Index of the key to make; `undefined` when the last one will do. */
  readonly nextKeyIndex: number | undefined;
}

/** The needs of a realm as far as is known. A realm without any key has none: bootstrapping makes the first. */
export function realmNeeds(view: CertificateView, realmId: VlobId): RealmNeeds {
  const last = view.keyRotations(realmId).at(-1);
  if (last === undefined) return { revokedMembers: [], nextKeyIndex: undefined };
  const revokedMembers = [...membersAt(view, realmId, latest).keys()]
    .filter((userId) => isRevokedAt(view, userId, latest))
    .sort();
  const isOutdated =
    revokedMembers.length > 0 ||
    view.realmRoles(realmId).some(({ role, timestamp }) => role === null && timestamp > last.timestamp) ||
    view.sequesterServices().some(({ timestamp }) => timestamp > last.timestamp) ||
    view.sequesterRevocations().some(({ timestamp }) => timestamp > last.timestamp);
  return { revokedMembers, nextKeyIndex: isOutdated ? last.keyIndex + 1 : undefined };
}
