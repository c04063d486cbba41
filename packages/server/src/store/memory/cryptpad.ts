import type { CryptpadQueries } from "../port/cryptpad.ts";
import { type MemoryData, organizationOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryCryptpad(data: MemoryData, journal: Journal): CryptpadQueries {
  return {
    async find(organizationId, documentId) {
      return organizationOf(data, organizationId).cryptpadSessions.get(documentId);
    },
    async put(organizationId, row) {
      journal.set(organizationOf(data, organizationId).cryptpadSessions, row.documentId, row);
    },
  };
}
