import type { AccessToken, DateTime, DeviceId, OrganizationId, UserId } from "@parsec/types";

/** Spec 08a §4.7. A setup is named by its user and its date. */
export interface ShamirSetupRow {
  readonly userId: UserId;
  readonly createdOn: DateTime;
  readonly author: DeviceId;
  readonly briefCertificate: Uint8Array;
  readonly revealToken: AccessToken;
  readonly threshold: number;
  /** Null once the setup is deleted. */
  readonly cipheredData: Uint8Array | null;
  /** In the order of the request. */
  readonly shares: readonly ShamirShareRow[];
  readonly deletion: ShamirDeletion | null;
}

export interface ShamirShareRow {
  readonly recipient: UserId;
  readonly weight: number;
  readonly certificate: Uint8Array;
}

export interface ShamirDeletion {
  readonly on: DateTime;
  readonly by: DeviceId;
  readonly certificate: Uint8Array;
}

export interface ShamirQueries {
  find(organizationId: OrganizationId, userId: UserId, createdOn: DateTime): Promise<ShamirSetupRow | undefined>;
  /** The user's setup that is not deleted. */
  findActive(organizationId: OrganizationId, userId: UserId): Promise<ShamirSetupRow | undefined>;
  /** In order of creation, deleted ones included. */
  list(organizationId: OrganizationId): Promise<readonly ShamirSetupRow[]>;
  /** Those of the user, and those that it holds a share of, in the same order. */
  concerning(organizationId: OrganizationId, userId: UserId): Promise<readonly ShamirSetupRow[]>;
  insert(organizationId: OrganizationId, row: ShamirSetupRow): Promise<void>;
  /** Erases the ciphered data too. */
  setDeleted(
    organizationId: OrganizationId,
    userId: UserId,
    createdOn: DateTime,
    deletion: ShamirDeletion,
  ): Promise<void>;
}
