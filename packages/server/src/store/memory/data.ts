import { BugError } from "@parsec/base";
import type {
  AccessToken,
  AccountAuthMethodId,
  AsyncEnrollmentId,
  BlockId,
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  OrganizationId,
  SequesterServiceId,
  TotpOpaqueKeyId,
  UserId,
  VlobId,
} from "@parsec/types";
import type { AccountRow, AuthMethodRow, Fingerprint, ValidationCodeRow, VaultId, VaultRow } from "../port/accounts.ts";
import type { CryptpadSessionRow } from "../port/cryptpad.ts";
import type { EnrollmentRow } from "../port/enrollments.ts";
import type { GreetingAttemptRow, GreetingStepRow, InvitationRow } from "../port/invitations.ts";
import type { OrganizationRow } from "../port/organizations.ts";
import type {
  KeyRotationRow,
  KeysBundleAccessRow,
  RealmArchivingRow,
  RealmNameRow,
  RealmRoleRow,
  RealmRow,
  ServiceAccessRow,
} from "../port/realms.ts";
import type { SequesterServiceRow } from "../port/sequester.ts";
import type { ShamirSetupRow } from "../port/shamir.ts";
import type { TotpOpaqueKeyRow, TotpSetupRow } from "../port/totp.ts";
import type { DeviceRow, ProfileUpdateRow, UserRow } from "../port/users.ts";
import type { BlockRow, VlobRow } from "../port/vlobs.ts";

/** One realm and what is in it. Maps and lists keep the order of insertion. */
export interface RealmData {
  row: RealmRow;
  readonly roles: RealmRoleRow[];
  readonly names: RealmNameRow[];
  readonly archivings: RealmArchivingRow[];
  readonly rotations: Map<number, KeyRotationRow>;
  accesses: KeysBundleAccessRow[];
  serviceAccesses: ServiceAccessRow[];
  /** In checkpoint order: the one at index i is checkpoint i + 1. */
  vlobs: VlobRow[];
  /** The versions of each vlob: version v is at index v - 1. */
  versions: Map<VlobId, VlobRow[]>;
  blocks: Map<BlockId, BlockRow>;
  readonly cryptpadSessions: Map<VlobId, CryptpadSessionRow>;
}

export interface OrganizationData {
  row: OrganizationRow;
  /** Date of the newest certificate, by the topic's text form. */
  readonly topics: Map<string, DateTime>;
  readonly users: Map<UserId, UserRow>;
  readonly profileUpdates: ProfileUpdateRow[];
  readonly devices: Map<DeviceId, DeviceRow>;
  readonly realms: Map<VlobId, RealmData>;
  readonly invitations: Map<AccessToken, InvitationRow>;
  readonly attempts: Map<GreetingAttemptId, GreetingAttemptRow>;
  /** The attempts of each invitation and greeter, oldest first. */
  readonly attemptIds: Map<string, readonly GreetingAttemptId[]>;
  /** By attempt, then by step index. */
  readonly steps: Map<GreetingAttemptId, Map<number, GreetingStepRow>>;
  readonly shamirSetups: ShamirSetupRow[];
  readonly services: Map<SequesterServiceId, SequesterServiceRow>;
  readonly enrollments: Map<AsyncEnrollmentId, EnrollmentRow>;
  readonly totpSetups: Map<UserId, TotpSetupRow>;
  readonly totpKeys: Map<TotpOpaqueKeyId, TotpOpaqueKeyRow>;
}

export interface AccountsData {
  readonly accounts: Map<EmailAddress, AccountRow>;
  readonly vaults: VaultRow[];
  readonly items: Map<VaultId, Map<Fingerprint, Uint8Array>>;
  readonly authMethods: Map<AccountAuthMethodId, AuthMethodRow>;
  /** By purpose and e-mail. */
  readonly codes: Map<string, ValidationCodeRow>;
}

/** All that the memory store holds. */
export interface MemoryData {
  readonly organizations: Map<OrganizationId, OrganizationData>;
  readonly accounts: AccountsData;
}

export function emptyData(): MemoryData {
  return {
    organizations: new Map(),
    accounts: { accounts: new Map(), vaults: [], items: new Map(), authMethods: new Map(), codes: new Map() },
  };
}

export function emptyOrganization(row: OrganizationRow): OrganizationData {
  return {
    row,
    topics: new Map(),
    users: new Map(),
    profileUpdates: [],
    devices: new Map(),
    realms: new Map(),
    invitations: new Map(),
    attempts: new Map(),
    attemptIds: new Map(),
    steps: new Map(),
    shamirSetups: [],
    services: new Map(),
    enrollments: new Map(),
    totpSetups: new Map(),
    totpKeys: new Map(),
  };
}

export function emptyRealm(row: RealmRow): RealmData {
  return {
    row,
    roles: [],
    names: [],
    archivings: [],
    rotations: new Map(),
    accesses: [],
    serviceAccesses: [],
    vlobs: [],
    versions: new Map(),
    blocks: new Map(),
    cryptpadSessions: new Map(),
  };
}

/** @throws BugError when it does not exist: a command must have looked for it before */
export function organizationOf(data: MemoryData, organizationId: OrganizationId): OrganizationData {
  return present(data.organizations.get(organizationId), "organization");
}

/** The organizations, by id. */
export function byOrganization(data: MemoryData): readonly (readonly [OrganizationId, OrganizationData])[] {
  return [...data.organizations].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws BugError as {@link organizationOf} */
export function realmOf(data: MemoryData, organizationId: OrganizationId, realmId: VlobId): RealmData {
  return present(organizationOf(data, organizationId).realms.get(realmId), "realm");
}

/** The row of a foreign key. @throws BugError when there is none */
export function present<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new BugError(`A query refers to a ${what} that does not exist`);
  return row;
}

/** True for a date after `after`; without one, for every date. */
export function isAfter(date: DateTime | undefined, after: DateTime | null): boolean {
  return date !== undefined && (after === null || date > after);
}

/** @throws BugError when the key is taken */
export function unique<K>(map: ReadonlyMap<K, unknown>, key: K, what: string): void {
  if (map.has(key)) throw new BugError(`A query inserts a ${what} that exists already`);
}

export function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
