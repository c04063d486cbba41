import type { TotpQueries } from "../port/totp.ts";
import { type MemoryData, organizationOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryTotp(data: MemoryData, journal: Journal): TotpQueries {
  return {
    async setup(organizationId, userId) {
      const found = organizationOf(data, organizationId).totpSetups.get(userId);
      return found ?? { completed: false, secret: null, resetToken: null };
    },
    async putSetup(organizationId, userId, row) {
      journal.set(organizationOf(data, organizationId).totpSetups, userId, row);
    },
    async findKey(organizationId, opaqueKeyId) {
      return organizationOf(data, organizationId).totpKeys.get(opaqueKeyId);
    },
    async keysOfUser(organizationId, userId) {
      return [...organizationOf(data, organizationId).totpKeys.values()].filter((row) => row.userId === userId);
    },
    async putKey(organizationId, row) {
      journal.set(organizationOf(data, organizationId).totpKeys, row.opaqueKeyId, row);
    },
  };
}
