import type { DateTime, DeviceId, EmailAddress, HumanHandle, OrganizationId, UserId, UserProfile } from "@parsec/types";

/** Spec 08a §4.2. */
export interface UserRow {
  readonly userId: UserId;
  readonly humanHandle: HumanHandle;
  readonly initialProfile: UserProfile;
  readonly currentProfile: UserProfile;
  readonly certificate: Uint8Array;
  readonly redactedCertificate: Uint8Array;
  /** Null: the organization's root key. */
  readonly certifiedBy: DeviceId | null;
  readonly createdOn: DateTime;
  readonly revocation: UserRevocation | null;
  readonly frozen: boolean;
  readonly tosAcceptedOn: DateTime | null;
}

export interface UserRevocation {
  readonly on: DateTime;
  readonly by: DeviceId;
  readonly certificate: Uint8Array;
}

export interface ProfileUpdateRow {
  readonly userId: UserId;
  readonly profile: UserProfile;
  readonly certificate: Uint8Array;
  readonly certifiedBy: DeviceId;
  readonly certifiedOn: DateTime;
}

export interface DeviceRow {
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  readonly verifyKey: Uint8Array;
  readonly certificate: Uint8Array;
  readonly redactedCertificate: Uint8Array;
  readonly certifiedBy: DeviceId | null;
  readonly createdOn: DateTime;
}

export interface UserSomewhere {
  readonly organizationId: OrganizationId;
  readonly user: UserRow;
}

export interface UserQueries {
  find(organizationId: OrganizationId, userId: UserId): Promise<UserRow | undefined>;
  /** The one user of that e-mail that is not revoked. */
  findActiveByEmail(organizationId: OrganizationId, email: EmailAddress): Promise<UserRow | undefined>;
  /** The handle under which the organization first knew that e-mail: it is kept on re-enrolment. */
  findHuman(organizationId: OrganizationId, email: EmailAddress): Promise<HumanHandle | undefined>;
  /** Every user of that e-mail, in all organizations: by organization, then in order of creation. */
  findEverywhere(email: EmailAddress): Promise<readonly UserSomewhere[]>;
  /** In order of creation. With `after`, only those created or revoked after that date. */
  list(organizationId: OrganizationId, after?: DateTime | null): Promise<readonly UserRow[]>;
  /** Those of that profile now that are not revoked, in order of creation. */
  activeOfProfile(organizationId: OrganizationId, profile: UserProfile): Promise<readonly UserRow[]>;
  /** In order of creation. */
  frozen(organizationId: OrganizationId): Promise<readonly UserId[]>;
  countActive(organizationId: OrganizationId): Promise<number>;
  insert(organizationId: OrganizationId, row: UserRow): Promise<void>;
  setProfile(organizationId: OrganizationId, update: ProfileUpdateRow): Promise<void>;
  setRevoked(organizationId: OrganizationId, userId: UserId, revocation: UserRevocation): Promise<void>;
  setFrozen(organizationId: OrganizationId, userId: UserId, frozen: boolean): Promise<void>;
  setTosAccepted(organizationId: OrganizationId, userId: UserId, on: DateTime): Promise<void>;
  /** Oldest first; with `after`, only those after that date. */
  profileUpdates(organizationId: OrganizationId, after?: DateTime | null): Promise<readonly ProfileUpdateRow[]>;
  findDevice(organizationId: OrganizationId, deviceId: DeviceId): Promise<DeviceRow | undefined>;
  /** In order of creation; with `after`, only those created after that date. */
  devices(organizationId: OrganizationId, after?: DateTime | null): Promise<readonly DeviceRow[]>;
  insertDevice(organizationId: OrganizationId, row: DeviceRow): Promise<void>;
}
