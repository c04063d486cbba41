import type { CryptpadQueries } from "../port/cryptpad.ts";
import { type MemoryData, realmOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryCryptpad(data: MemoryData, journal: Journal): CryptpadQueries {
  return {
    async find(organizationId, realmId, documentId) {
      return realmOf(data, organizationId, realmId).cryptpadSessions.get(documentId);
    },
    async put(organizationId, realmId, row) {
      journal.set(realmOf(data, organizationId, realmId).cryptpadSessions, row.documentId, row);
    },
  };
}
