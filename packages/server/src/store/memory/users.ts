import type { OrganizationId, UserId } from "@parsec/types";
import type { UserQueries, UserRow } from "../port/users.ts";
import { byOrganization, isAfter, type MemoryData, organizationOf, present, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryUsers(data: MemoryData, journal: Journal): UserQueries {
  const users = (organizationId: OrganizationId) => organizationOf(data, organizationId).users;
  const change = (organizationId: OrganizationId, userId: UserId, changes: Partial<UserRow>) => {
    const row = present(users(organizationId).get(userId), "user");
    journal.set(users(organizationId), userId, { ...row, ...changes });
  };
  return {
    async find(organizationId, userId) {
      return users(organizationId).get(userId);
    },
    async findActiveByEmail(organizationId, email) {
      const all = [...users(organizationId).values()];
      return all.find((user) => user.humanHandle.email === email && user.revocation === null);
    },
    async findEverywhere(email) {
      return byOrganization(data).flatMap(([organizationId, organization]) =>
        [...organization.users.values()]
          .filter((user) => user.humanHandle.email === email)
          .map((user) => ({ organizationId, user })),
      );
    },
    async findHuman(organizationId, email) {
      return [...users(organizationId).values()].find((user) => user.humanHandle.email === email)?.humanHandle;
    },
    async list(organizationId, after = null) {
      const all = [...users(organizationId).values()];
      return all.filter((user) => isAfter(user.createdOn, after) || isAfter(user.revocation?.on, after));
    },
    async activeOfProfile(organizationId, profile) {
      const all = [...users(organizationId).values()];
      return all.filter((user) => user.revocation === null && user.currentProfile === profile);
    },
    async frozen(organizationId) {
      return [...users(organizationId).values()].filter((user) => user.frozen).map(({ userId }) => userId);
    },
    async countActive(organizationId) {
      return [...users(organizationId).values()].filter((user) => user.revocation === null).length;
    },
    async insert(organizationId, row) {
      unique(users(organizationId), row.userId, "user");
      journal.set(users(organizationId), row.userId, row);
    },
    async setProfile(organizationId, update) {
      change(organizationId, update.userId, { currentProfile: update.profile });
      journal.push(organizationOf(data, organizationId).profileUpdates, update);
    },
    async setRevoked(organizationId, userId, revocation) {
      change(organizationId, userId, { revocation });
    },
    async setFrozen(organizationId, userId, frozen) {
      change(organizationId, userId, { frozen });
    },
    async setTosAccepted(organizationId, userId, on) {
      change(organizationId, userId, { tosAcceptedOn: on });
    },
    async profileUpdates(organizationId, after = null) {
      const { profileUpdates } = organizationOf(data, organizationId);
      return profileUpdates.filter((row) => isAfter(row.certifiedOn, after));
    },
    async findDevice(organizationId, deviceId) {
      return organizationOf(data, organizationId).devices.get(deviceId);
    },
    async devices(organizationId, after = null) {
      const devices = [...organizationOf(data, organizationId).devices.values()];
      return devices.filter((row) => isAfter(row.createdOn, after));
    },
    async insertDevice(organizationId, row) {
      const organization = organizationOf(data, organizationId);
      present(organization.users.get(row.userId), "user");
      unique(organization.devices, row.deviceId, "device");
      journal.set(organization.devices, row.deviceId, row);
    },
  };
}
