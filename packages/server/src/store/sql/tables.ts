import type {
  AccessToken,
  AccountAuthMethodId,
  AsyncEnrollmentId,
  BlockId,
  CancelledGreetingAttemptReason,
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  OrganizationId,
  RealmRole,
  SequesterServiceId,
  TotpOpaqueKeyId,
  UserId,
  UserProfile,
  ValidationCode,
  VlobId,
} from "@parsec/types";
import type { Generated } from "kysely";
import type { CodePurpose, Fingerprint } from "../port/accounts.ts";
import type { EnrollmentState } from "../port/enrollments.ts";
import type { InvitationEnd, InvitationTarget, Peer } from "../port/invitations.ts";
import type { AllowedClientAgent } from "../port/organizations.ts";
import type { RealmStatus } from "../port/realms.ts";

// The tables of both dialects, as the migrations make them. Rows are ours alone: the database checks the closed sets.

/** PostgreSQL has booleans and SQLite has not: both keep 0 or 1. */
export type Flag = 0 | 1;

/** A text that may hold anything, U+0000 too, which PostgreSQL has not: kept as a JSON string. */
export type JsonText = string;

interface Numbered {
  /** Given by the database, in order of insertion. */
  readonly _id: Generated<number>;
}

interface OfOrganization extends Numbered {
  readonly organization: number;
}

interface OfRealm extends Numbered {
  readonly realm: number;
}

interface Certified {
  readonly certificate: Uint8Array;
  readonly certified_by: DeviceId;
  readonly certified_on: DateTime;
}

export interface OrganizationTable extends Numbered {
  readonly organization_id: OrganizationId;
  readonly created_on: DateTime;
  readonly bootstrap_token: AccessToken | null;
  readonly bootstrapped_on: DateTime | null;
  readonly root_verify_key: Uint8Array | null;
  readonly sequester_authority_certificate: Uint8Array | null;
  readonly sequester_authority_verify_key_der: Uint8Array | null;
  readonly is_expired: Flag;
  readonly active_users_limit: number | null;
  readonly user_profile_outsider_allowed: Flag;
  readonly minimum_archiving_period: number;
  readonly tos_updated_on: DateTime | null;
  /** JSON object: locale to URL. */
  readonly tos_urls: string | null;
  readonly allowed_client_agent: AllowedClientAgent;
}

interface TopicTable extends OfOrganization {
  readonly name: string;
  readonly last_timestamp: DateTime;
}

export interface UserTable extends OfOrganization {
  readonly user_id: UserId;
  readonly email: EmailAddress;
  readonly label: JsonText;
  readonly initial_profile: UserProfile;
  readonly current_profile: UserProfile;
  readonly certificate: Uint8Array;
  readonly redacted_certificate: Uint8Array;
  readonly certified_by: DeviceId | null;
  readonly created_on: DateTime;
  readonly revoked_on: DateTime | null;
  readonly revoked_by: DeviceId | null;
  readonly revoked_certificate: Uint8Array | null;
  readonly frozen: Flag;
  readonly tos_accepted_on: DateTime | null;
}

interface ProfileUpdateTable extends OfOrganization, Certified {
  readonly user_id: UserId;
  readonly profile: UserProfile;
}

export interface DeviceTable extends OfOrganization {
  readonly device_id: DeviceId;
  readonly user_id: UserId;
  readonly verify_key: Uint8Array;
  readonly certificate: Uint8Array;
  readonly redacted_certificate: Uint8Array;
  readonly certified_by: DeviceId | null;
  readonly created_on: DateTime;
}

export interface RealmTable extends OfOrganization {
  readonly realm_id: VlobId;
  readonly key_index: number;
  readonly created_on: DateTime;
  readonly status: RealmStatus;
  readonly deleted_on: DateTime | null;
  /** The last one given. */
  readonly checkpoint: number;
  readonly newest_vlob_on: DateTime | null;
  readonly vlob_bytes: number;
  readonly block_bytes: number;
}

export interface RealmRoleTable extends OfOrganization, Certified {
  readonly realm: number;
  readonly user_id: UserId;
  readonly role: RealmRole | null;
}

interface RealmNameTable extends OfRealm, Certified {}

export interface RealmArchivingTable extends OfRealm, Certified {
  readonly configuration: "AVAILABLE" | "ARCHIVED" | "DELETION_PLANNED";
  readonly deletion_date: DateTime | null;
}

export interface RealmRotationTable extends OfRealm, Certified {
  readonly key_index: number;
  readonly keys_bundle: Uint8Array;
}

export interface RealmAccessTable extends OfRealm {
  readonly user_id: UserId;
  readonly key_index: number;
  readonly access: Uint8Array;
  readonly given_on: DateTime;
  readonly from_sharing: Flag;
}

interface RealmServiceAccessTable extends OfRealm {
  readonly service_id: SequesterServiceId;
  readonly key_index: number;
  readonly access: Uint8Array;
}

export interface VlobTable extends OfRealm {
  readonly checkpoint: number;
  readonly vlob_id: VlobId;
  readonly version: number;
  readonly key_index: number;
  readonly blob: Uint8Array;
  readonly size: number;
  readonly author: DeviceId;
  readonly created_on: DateTime;
}

export interface BlockTable extends OfRealm {
  readonly block_id: BlockId;
  readonly author: DeviceId;
  readonly size: number;
  readonly digest: Uint8Array | null;
  readonly key_index: number;
  readonly created_on: DateTime;
}

/** The bytes of blocks, where the database is the block store too. They come before the row of `block`. */
interface BlockDataTable extends Numbered {
  readonly organization_id: OrganizationId;
  readonly realm_id: VlobId;
  readonly block_id: BlockId;
  readonly data: Uint8Array;
}

export interface InvitationTable extends OfOrganization {
  readonly token: AccessToken;
  readonly type: InvitationTarget["type"];
  readonly claimer_email: EmailAddress | null;
  readonly claimer: UserId | null;
  readonly setup_created_on: DateTime | null;
  readonly created_by: DeviceId;
  readonly created_on: DateTime;
  readonly ended_on: DateTime | null;
  readonly ended_reason: InvitationEnd["reason"] | null;
  readonly ended_by: DeviceId | null;
}

export interface GreetingAttemptTable extends OfOrganization {
  readonly attempt_id: GreetingAttemptId;
  readonly token: AccessToken;
  readonly greeter: UserId;
  readonly greeter_joined: DateTime | null;
  readonly claimer_joined: DateTime | null;
  readonly cancelled_by: Peer | null;
  readonly cancelled_reason: CancelledGreetingAttemptReason | null;
  readonly cancelled_on: DateTime | null;
}

interface GreetingStepTable extends OfOrganization {
  readonly attempt_id: GreetingAttemptId;
  readonly step: number;
  readonly greeter_data: Uint8Array | null;
  readonly claimer_data: Uint8Array | null;
}

export interface ShamirSetupTable extends OfOrganization {
  readonly user_id: UserId;
  readonly created_on: DateTime;
  readonly author: DeviceId;
  readonly brief_certificate: Uint8Array;
  readonly reveal_token: AccessToken;
  readonly threshold: number;
  readonly ciphered_data: Uint8Array | null;
  readonly deleted_on: DateTime | null;
  readonly deleted_by: DeviceId | null;
  readonly deletion_certificate: Uint8Array | null;
}

interface ShamirShareTable extends Numbered {
  readonly setup: number;
  readonly recipient: UserId;
  readonly weight: number;
  readonly certificate: Uint8Array;
}

export interface SequesterServiceTable extends OfOrganization {
  readonly service_id: SequesterServiceId;
  readonly label: JsonText;
  readonly certificate: Uint8Array;
  readonly created_on: DateTime;
  /** Null for a storage service. */
  readonly webhook_url: JsonText | null;
  readonly revoked_on: DateTime | null;
  readonly revoked_certificate: Uint8Array | null;
}

export interface EnrollmentTable extends OfOrganization {
  readonly enrollment_id: AsyncEnrollmentId;
  readonly email: EmailAddress;
  readonly submitted_on: DateTime;
  readonly payload: Uint8Array;
  /** As encoded by `enrollment-signature.ts`. */
  readonly signature: Uint8Array;
  /** Bytes of the payload and the certificates. */
  readonly size: number;
  readonly status: EnrollmentState["status"];
  readonly ended_on: DateTime | null;
  readonly accept_payload: Uint8Array | null;
  readonly accept_signature: Uint8Array | null;
}

interface TotpSetupTable extends OfOrganization {
  readonly user_id: UserId;
  readonly completed: Flag;
  readonly secret: Uint8Array | null;
  readonly reset_token: AccessToken | null;
}

export interface TotpKeyTable extends OfOrganization {
  readonly opaque_key_id: TotpOpaqueKeyId;
  readonly user_id: UserId;
  readonly opaque_key: Uint8Array;
  readonly failed_attempts: number;
  readonly last_failed_attempt: DateTime | null;
}

interface CryptpadSessionTable extends OfRealm {
  readonly document_id: VlobId;
  readonly author: DeviceId;
  readonly created_on: DateTime;
  readonly key_index: number;
  readonly view_key: Uint8Array;
  readonly edit_key: Uint8Array | null;
}

interface AccountTable extends Numbered {
  readonly email: EmailAddress;
  readonly label: JsonText;
  readonly deleted_on: DateTime | null;
}

interface VaultTable extends Numbered {
  readonly email: EmailAddress;
}

interface VaultItemTable extends Numbered {
  readonly vault: number;
  readonly fingerprint: Fingerprint;
  readonly data: Uint8Array;
}

export interface AuthMethodTable extends Numbered {
  readonly auth_method_id: AccountAuthMethodId;
  readonly vault: number;
  readonly created_on: DateTime;
  readonly created_by_ip: JsonText;
  readonly created_by_user_agent: JsonText;
  readonly mac_key: Uint8Array;
  readonly vault_key_access: Uint8Array;
  /** As the protocol encodes it. */
  readonly password_algorithm: Uint8Array | null;
  readonly disabled_on: DateTime | null;
}

interface ValidationCodeTable extends Numbered {
  readonly purpose: CodePurpose;
  readonly email: EmailAddress;
  readonly code: ValidationCode;
  readonly created_on: DateTime;
  readonly failed_attempts: number;
}

/** Events too large for a notification. */
interface LargeEventTable extends Numbered {
  readonly event_id: string;
  readonly payload: Uint8Array;
  /** The server's clock, microseconds. */
  readonly created_on: number;
}

interface MigrationTable extends Numbered {
  readonly name: string;
  readonly applied_on: DateTime;
}

/** At most one row: the database is the target of a copy that has not ended. */
interface UnfinishedCopyTable extends Numbered {
  /** What tells the state of the source apart from any other. */
  readonly source: string;
  /** The table whose rows came last; null before the first. */
  readonly table_name: string | null;
  readonly last_id: number;
}

export interface Tables {
  organization: OrganizationTable;
  topic: TopicTable;
  user_: UserTable;
  profile_update: ProfileUpdateTable;
  device: DeviceTable;
  realm: RealmTable;
  realm_role: RealmRoleTable;
  realm_name: RealmNameTable;
  realm_archiving: RealmArchivingTable;
  realm_rotation: RealmRotationTable;
  realm_access: RealmAccessTable;
  realm_service_access: RealmServiceAccessTable;
  vlob: VlobTable;
  block: BlockTable;
  block_data: BlockDataTable;
  invitation: InvitationTable;
  greeting_attempt: GreetingAttemptTable;
  greeting_step: GreetingStepTable;
  shamir_setup: ShamirSetupTable;
  shamir_share: ShamirShareTable;
  sequester_service: SequesterServiceTable;
  enrollment: EnrollmentTable;
  totp_setup: TotpSetupTable;
  totp_key: TotpKeyTable;
  cryptpad_session: CryptpadSessionTable;
  account: AccountTable;
  vault: VaultTable;
  vault_item: VaultItemTable;
  auth_method: AuthMethodTable;
  validation_code: ValidationCodeTable;
  large_event: LargeEventTable;
  migration: MigrationTable;
  unfinished_copy: UnfinishedCopyTable;
}
