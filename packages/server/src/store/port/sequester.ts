import type { DateTime, OrganizationId, SequesterServiceId } from "@parsec/types";

export type SequesterServiceConfig =
  | { readonly type: "storage" }
  | { readonly type: "webhook"; readonly webhookUrl: string };

/** Spec 08a §4.6. */
export interface SequesterServiceRow {
  readonly serviceId: SequesterServiceId;
  readonly label: string;
  readonly certificate: Uint8Array;
  readonly createdOn: DateTime;
  readonly config: SequesterServiceConfig;
  readonly revocation: { readonly on: DateTime; readonly certificate: Uint8Array } | null;
}

export interface SequesterQueries {
  find(organizationId: OrganizationId, serviceId: SequesterServiceId): Promise<SequesterServiceRow | undefined>;
  /** In order of creation, revoked ones included. */
  list(organizationId: OrganizationId): Promise<readonly SequesterServiceRow[]>;
  /** A new service, or a new state of one. */
  put(organizationId: OrganizationId, row: SequesterServiceRow): Promise<void>;
}
