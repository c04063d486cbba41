import type { SequesterQueries } from "../port/sequester.ts";
import { type MemoryData, organizationOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memorySequester(data: MemoryData, journal: Journal): SequesterQueries {
  return {
    async find(organizationId, serviceId) {
      return organizationOf(data, organizationId).services.get(serviceId);
    },
    async list(organizationId) {
      return [...organizationOf(data, organizationId).services.values()];
    },
    async put(organizationId, row) {
      journal.set(organizationOf(data, organizationId).services, row.serviceId, row);
    },
  };
}
