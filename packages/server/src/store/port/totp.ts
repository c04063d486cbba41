import type { AccessToken, DateTime, OrganizationId, TotpOpaqueKeyId, UserId } from "@parsec/types";

/** A user's one-time passwords (spec 08a §4.2). A completed setup has a secret and no reset token. */
export interface TotpSetupRow {
  readonly completed: boolean;
  readonly secret: Uint8Array | null;
  readonly resetToken: AccessToken | null;
}

export interface TotpOpaqueKeyRow {
  readonly opaqueKeyId: TotpOpaqueKeyId;
  readonly userId: UserId;
  readonly opaqueKey: Uint8Array;
  readonly failedAttempts: number;
  readonly lastFailedAttempt: DateTime | null;
}

export interface TotpQueries {
  /** A user who never began: not completed, no secret, no token. */
  setup(organizationId: OrganizationId, userId: UserId): Promise<TotpSetupRow>;
  putSetup(organizationId: OrganizationId, userId: UserId, row: TotpSetupRow): Promise<void>;
  findKey(organizationId: OrganizationId, opaqueKeyId: TotpOpaqueKeyId): Promise<TotpOpaqueKeyRow | undefined>;
  keysOfUser(organizationId: OrganizationId, userId: UserId): Promise<readonly TotpOpaqueKeyRow[]>;
  putKey(organizationId: OrganizationId, row: TotpOpaqueKeyRow): Promise<void>;
}
