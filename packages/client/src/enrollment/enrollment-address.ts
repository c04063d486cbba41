import type { OrganizationId, ServerAddress } from "@parsec/types";

/** Where the enrollments of an organization are asked for. */
export function addressOf(serverUrl: ServerAddress, organizationId: OrganizationId) {
  return { ...serverUrl, kind: "async_enrollment", organizationId } as const;
}
