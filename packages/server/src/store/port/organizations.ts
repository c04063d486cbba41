import type { AccessToken, DateTime, OrganizationId } from "@parsec/types";

/** Terms of service that every user must have accepted since `updatedOn`. */
export interface Tos {
  readonly perLocaleUrls: ReadonlyMap<string, string>;
  readonly updatedOn: DateTime;
}

/** Which clients the organization accepts, told apart by their `User-Agent`. */
export type AllowedClientAgent = "NATIVE_ONLY" | "NATIVE_OR_WEB";

/** What an administrator may change at any time. */
export interface OrganizationSettings {
  readonly isExpired: boolean;
  /** Counts every active user, whatever the profile; null for no limit. */
  readonly activeUsersLimit: number | null;
  /** Told to clients, not enforced here (spec 08a §4.1). */
  readonly userProfileOutsiderAllowed: boolean;
  /** Seconds. */
  readonly realmMinimumArchivingPeriodBeforeDeletion: number;
  readonly tos: Tos | null;
  readonly allowedClientAgent: AllowedClientAgent;
}

/** Spec 08a §4.1. */
export interface OrganizationRow extends OrganizationSettings {
  readonly organizationId: OrganizationId;
  readonly createdOn: DateTime;
  /** Null when it was created spontaneously. */
  readonly bootstrapToken: AccessToken | null;
  /** Null until it is bootstrapped. */
  readonly bootstrap: OrganizationBootstrap | null;
}

export interface OrganizationBootstrap {
  readonly on: DateTime;
  readonly rootVerifyKey: Uint8Array;
  /** Null when the organization is not sequestered. */
  readonly sequesterAuthority: SequesterAuthority | null;
}

export interface SequesterAuthority {
  readonly certificate: Uint8Array;
  readonly verifyKeyDer: Uint8Array;
}

export interface OrganizationQueries {
  find(organizationId: OrganizationId): Promise<OrganizationRow | undefined>;
  /** Every organization, by id. */
  list(): Promise<readonly OrganizationRow[]>;
  /** A new organization, or a new state of one that is not bootstrapped. */
  put(row: OrganizationRow): Promise<void>;
  setBootstrap(organizationId: OrganizationId, bootstrap: OrganizationBootstrap): Promise<void>;
  configure(organizationId: OrganizationId, settings: Partial<OrganizationSettings>): Promise<void>;
  /**
   * Removes those that were created spontaneously and never bootstrapped, all but the `keep` newest ones. An
   * administrator's decision stays: expired ones are neither counted nor removed.
   */
  forgetSpontaneous(keep: number): Promise<void>;
  /** The organization and all that it holds. Testbed only. */
  remove(organizationId: OrganizationId): Promise<void>;
}
