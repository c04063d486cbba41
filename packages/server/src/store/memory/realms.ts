import type { DateTime, OrganizationId, RealmRole, UserId, VlobId } from "@parsec/types";
import type { KeysBundleAccessRow, RealmQueries, RealmRoleRow, RealmRow } from "../port/realms.ts";
import { emptyRealm, isAfter, type MemoryData, organizationOf, type RealmData, realmOf, sum, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryRealms(data: MemoryData, journal: Journal): RealmQueries {
  const realm = (organizationId: OrganizationId, realmId: VlobId) => realmOf(data, organizationId, realmId);
  const change = (target: RealmData, changes: Partial<RealmRow>) => {
    const old = target.row;
    journal.apply(
      () => {
        target.row = { ...old, ...changes };
      },
      () => {
        target.row = old;
      },
    );
  };
  return {
    async find(organizationId, realmId) {
      return organizationOf(data, organizationId).realms.get(realmId)?.row;
    },
    async list(organizationId) {
      return [...organizationOf(data, organizationId).realms.values()].map(({ row }) => row);
    },
    async insert(organizationId, row) {
      const { realms } = organizationOf(data, organizationId);
      unique(realms, row.realmId, "realm");
      journal.set(realms, row.realmId, emptyRealm(row));
    },
    async setStatus(organizationId, realmId, status) {
      change(realm(organizationId, realmId), { status });
    },

    async addRole(organizationId, row) {
      journal.push(realm(organizationId, row.realmId).roles, row);
    },
    async currentRole(organizationId, realmId, userId) {
      return rolesNow(realm(organizationId, realmId).roles).get(userId) ?? null;
    },
    async currentRoles(organizationId, realmId) {
      return rolesNow(realm(organizationId, realmId).roles);
    },
    async roles(organizationId, realmId, after = null) {
      return realm(organizationId, realmId).roles.filter((row) => isAfter(row.certifiedOn, after));
    },
    async rolesOfUser(organizationId, userId) {
      const realms = [...organizationOf(data, organizationId).realms.values()];
      return realms.flatMap(({ roles }) => roles.filter((row) => row.userId === userId));
    },

    async addName(organizationId, row) {
      journal.push(realm(organizationId, row.realmId).names, row);
    },
    async names(organizationId, realmId, after = null) {
      return realm(organizationId, realmId).names.filter((row) => isAfter(row.certifiedOn, after));
    },
    async addArchiving(organizationId, row) {
      journal.push(realm(organizationId, row.realmId).archivings, row);
    },
    async archivings(organizationId, realmId, after = null) {
      return realm(organizationId, realmId).archivings.filter((row) => isAfter(row.certifiedOn, after));
    },

    async addRotation(organizationId, row) {
      const target = realm(organizationId, row.realmId);
      unique(target.rotations, row.keyIndex, "key rotation");
      journal.set(target.rotations, row.keyIndex, row);
      change(target, { keyIndex: row.keyIndex });
    },
    async rotation(organizationId, realmId, keyIndex) {
      return realm(organizationId, realmId).rotations.get(keyIndex);
    },
    async rotations(organizationId, realmId, after = null) {
      return [...realm(organizationId, realmId).rotations.values()].filter((row) => isAfter(row.certifiedOn, after));
    },
    async addAccess(organizationId, realmId, row) {
      journal.push(realm(organizationId, realmId).accesses, row);
    },
    async latestAccess(organizationId, realmId, userId, keyIndex) {
      const { accesses } = realm(organizationId, realmId);
      return latest(accesses.filter((row) => row.userId === userId && row.keyIndex === keyIndex));
    },
    async accesses(organizationId, realmId) {
      return [...realm(organizationId, realmId).accesses];
    },
    async addServiceAccess(organizationId, realmId, row) {
      journal.push(realm(organizationId, realmId).serviceAccesses, row);
    },
    async serviceAccesses(organizationId, realmId) {
      return [...realm(organizationId, realmId).serviceAccesses];
    },

    async totalSizes(organizationId) {
      const realms = [...organizationOf(data, organizationId).realms.values()];
      return {
        vlobs: sum(realms.flatMap((each) => each.vlobs.map((row) => row.blob.length))),
        blocks: sum(realms.flatMap((each) => [...each.blocks.values()].map((row) => row.size))),
      };
    },

    async erase(organizationId, realmId, on) {
      erase(realm(organizationId, realmId), on, journal);
    },
  };
}

/** The last role of each user that is not a removal. */
function rolesNow(roles: readonly RealmRoleRow[]): ReadonlyMap<UserId, RealmRole> {
  const current = new Map<UserId, RealmRole>();
  for (const { userId, role } of roles) {
    if (role === null) current.delete(userId);
    else current.set(userId, role);
  }
  return current;
}

function latest(accesses: readonly KeysBundleAccessRow[]): KeysBundleAccessRow | undefined {
  const shared = accesses.filter((row) => row.fromSharing);
  const candidates = shared.length > 0 ? shared : accesses;
  return candidates.reduce<KeysBundleAccessRow | undefined>(
    (last, row) => (last === undefined || row.givenOn >= last.givenOn ? row : last),
    undefined,
  );
}

function erase(realm: RealmData, deletedOn: DateTime, journal: Journal): void {
  const { row, accesses, serviceAccesses, vlobs, versions, blocks } = realm;
  journal.apply(
    () => {
      realm.row = { ...row, status: "DELETED", deletedOn };
      realm.accesses = [];
      realm.serviceAccesses = [];
      realm.vlobs = [];
      realm.versions = new Map();
      realm.blocks = new Map();
    },
    () => Object.assign(realm, { row, accesses, serviceAccesses, vlobs, versions, blocks }),
  );
  for (const [keyIndex, rotation] of realm.rotations) {
    journal.set(realm.rotations, keyIndex, { ...rotation, keysBundle: new Uint8Array() });
  }
}
