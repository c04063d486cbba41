import type {
  DateTime,
  DeviceId,
  OrganizationId,
  RealmArchivingConfiguration,
  RealmRole,
  SequesterServiceId,
  UserId,
  VlobId,
} from "@parsec/types";

export type RealmStatus = "AVAILABLE" | "ARCHIVED_OR_DELETION_PLANNED" | "DELETED";

/** Spec 08a §4.3. */
export interface RealmRow {
  readonly realmId: VlobId;
  /** 0 as long as there was no key rotation. */
  readonly keyIndex: number;
  readonly createdOn: DateTime;
  readonly status: RealmStatus;
  /** Date of the operator's deletion. */
  readonly deletedOn: DateTime | null;
}

interface Certified {
  readonly certificate: Uint8Array;
  readonly certifiedBy: DeviceId;
  readonly certifiedOn: DateTime;
}

export interface RealmRoleRow extends Certified {
  readonly realmId: VlobId;
  readonly userId: UserId;
  /** Null: no access any more. */
  readonly role: RealmRole | null;
}

export interface RealmNameRow extends Certified {
  readonly realmId: VlobId;
}

export interface RealmArchivingRow extends Certified {
  readonly realmId: VlobId;
  readonly configuration: RealmArchivingConfiguration;
}

export interface KeyRotationRow extends Certified {
  readonly realmId: VlobId;
  readonly keyIndex: number;
  /** Empty once the realm is deleted. */
  readonly keysBundle: Uint8Array;
}

/** What opens a keys bundle, for one of its readers. Several may exist for the same reader and bundle. */
export interface KeysBundleAccessRow {
  readonly userId: UserId;
  readonly keyIndex: number;
  readonly access: Uint8Array;
  readonly givenOn: DateTime;
  /** Given with a role, rather than by the rotation itself. */
  readonly fromSharing: boolean;
}

export interface ServiceAccessRow {
  readonly serviceId: SequesterServiceId;
  readonly keyIndex: number;
  readonly access: Uint8Array;
}

export interface RealmQueries {
  find(organizationId: OrganizationId, realmId: VlobId): Promise<RealmRow | undefined>;
  /** In order of creation. */
  list(organizationId: OrganizationId): Promise<readonly RealmRow[]>;
  insert(organizationId: OrganizationId, row: RealmRow): Promise<void>;
  setStatus(organizationId: OrganizationId, realmId: VlobId, status: RealmStatus): Promise<void>;

  addRole(organizationId: OrganizationId, row: RealmRoleRow): Promise<void>;
  /** Null: the user never had a role there, or has none any more. */
  currentRole(organizationId: OrganizationId, realmId: VlobId, userId: UserId): Promise<RealmRole | null>;
  /** The users that have a role now, revoked ones included. */
  currentRoles(organizationId: OrganizationId, realmId: VlobId): Promise<ReadonlyMap<UserId, RealmRole>>;
  /** The role history of a realm, oldest first. With `after`, here and below: only what was certified after that date. */
  roles(organizationId: OrganizationId, realmId: VlobId, after?: DateTime | null): Promise<readonly RealmRoleRow[]>;
  /** The role history of a user in every realm, oldest first within each. */
  rolesOfUser(organizationId: OrganizationId, userId: UserId): Promise<readonly RealmRoleRow[]>;

  addName(organizationId: OrganizationId, row: RealmNameRow): Promise<void>;
  names(organizationId: OrganizationId, realmId: VlobId, after?: DateTime | null): Promise<readonly RealmNameRow[]>;
  addArchiving(organizationId: OrganizationId, row: RealmArchivingRow): Promise<void>;
  archivings(
    organizationId: OrganizationId,
    realmId: VlobId,
    after?: DateTime | null,
  ): Promise<readonly RealmArchivingRow[]>;

  /** The realm's key index becomes the rotation's. */
  addRotation(organizationId: OrganizationId, row: KeyRotationRow): Promise<void>;
  rotation(organizationId: OrganizationId, realmId: VlobId, keyIndex: number): Promise<KeyRotationRow | undefined>;
  rotations(
    organizationId: OrganizationId,
    realmId: VlobId,
    after?: DateTime | null,
  ): Promise<readonly KeyRotationRow[]>;
  addAccess(organizationId: OrganizationId, realmId: VlobId, row: KeysBundleAccessRow): Promise<void>;
  /** The one given last by a sharing, else the rotation's. */
  latestAccess(
    organizationId: OrganizationId,
    realmId: VlobId,
    userId: UserId,
    keyIndex: number,
  ): Promise<KeysBundleAccessRow | undefined>;
  accesses(organizationId: OrganizationId, realmId: VlobId): Promise<readonly KeysBundleAccessRow[]>;
  addServiceAccess(organizationId: OrganizationId, realmId: VlobId, row: ServiceAccessRow): Promise<void>;
  serviceAccesses(organizationId: OrganizationId, realmId: VlobId): Promise<readonly ServiceAccessRow[]>;

  /** Bytes of all vlob versions and blocks of all realms together. */
  totalSizes(organizationId: OrganizationId): Promise<{ readonly vlobs: number; readonly blocks: number }>;

  /** The operator's deletion: status, bundles, accesses, vlobs and blocks; certificates stay (spec 08c §4.2). */
  erase(organizationId: OrganizationId, realmId: VlobId, on: DateTime): Promise<void>;
}
