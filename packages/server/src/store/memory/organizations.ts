import type { OrganizationId } from "@parsec/types";
import type { OrganizationQueries, OrganizationRow } from "../port/organizations.ts";
import { emptyOrganization, type MemoryData, organizationOf } from "./data.ts";
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
      const rows = [...data.organizations.values()].map(({ row }) => row);
      return rows.sort((a, b) => (a.organizationId < b.organizationId ? -1 : 1));
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
    async remove(organizationId) {
      journal.delete(data.organizations, organizationId);
    },
  };
}
