import type { OrganizationId } from "@parsec/types";
import type { OrganizationQueries, OrganizationRow } from "../port/organizations.ts";
import { byOrganization, emptyOrganization, type MemoryData, organizationOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryOrganizations(data: MemoryData, journal: Journal): OrganizationQueries {
  const change = (organizationId: OrganizationId, changed: (row: OrganizationRow) => OrganizationRow) => {
    const organization = organizationOf(data, organizationId);
    const old = organization.row;
    journal.apply(
      () => {
        organization.row = changed(old);
      },
      () => {
        organization.row = old;
      },
    );
  };
  return {
    async find(organizationId) {
      return data.organizations.get(organizationId)?.row;
    },
    async list() {
      return byOrganization(data).map(([, { row }]) => row);
    },
    async put(row) {
      journal.set(data.organizations, row.organizationId, emptyOrganization(row));
    },
    async setBootstrap(organizationId, bootstrap) {
      change(organizationId, (row) => ({ ...row, bootstrap }));
    },
    async configure(organizationId, settings) {
      change(organizationId, (row) => ({ ...row, ...settings }));
    },
    async forgetSpontaneous(keep) {
      const forgettable = [...data.organizations.values()].filter(
        ({ row }) => row.bootstrapToken === null && row.bootstrap === null && !row.isExpired,
      );
      const oldest = forgettable.sort((a, b) => a.row.createdOn - b.row.createdOn);
      for (const { row } of oldest.slice(0, Math.max(0, oldest.length - keep))) {
        journal.delete(data.organizations, row.organizationId);
      }
    },
    async remove(organizationId) {
      journal.delete(data.organizations, organizationId);
    },
  };
}
