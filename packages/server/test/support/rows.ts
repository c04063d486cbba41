import {
  AccessToken,
  AsyncEnrollmentId,
  type DateTime,
  DeviceId,
  EmailAddress,
  HumanHandle,
  type OrganizationId,
  SequesterServiceId,
  TotpOpaqueKeyId,
  UserId,
  VlobId,
} from "@parsec/types";
import type { EnrollmentRow } from "../../src/store/port/enrollments.ts";
import type { InvitationRow } from "../../src/store/port/invitations.ts";
import type { OrganizationRow } from "../../src/store/port/organizations.ts";
import type { RealmRow } from "../../src/store/port/realms.ts";
import type { SequesterServiceRow } from "../../src/store/port/sequester.ts";
import type { Store, Transaction } from "../../src/store/port/store.ts";
import type { TotpOpaqueKeyRow } from "../../src/store/port/totp.ts";
import type { UserRow } from "../../src/store/port/users.ts";
import type { VlobRow } from "../../src/store/port/vlobs.ts";

// Rows as commands store them, for tests of stores: what a test is not about has some value.

/** One transaction that commits. */
export async function commit<T>(store: Store, run: (tx: Transaction) => Promise<T>): Promise<T> {
  return await store.transaction(async (tx) => ({ end: "commit", value: await run(tx) }));
}

export function organizationRow(organizationId: OrganizationId, createdOn: DateTime): OrganizationRow {
  return {
    organizationId,
    createdOn,
    bootstrapToken: AccessToken.generate(),
    bootstrap: null,
    isExpired: false,
    activeUsersLimit: null,
    userProfileOutsiderAllowed: true,
    realmMinimumArchivingPeriodBeforeDeletion: 0,
    tos: null,
    allowedClientAgent: "NATIVE_OR_WEB",
  };
}

export function realmRow(realmId: VlobId, createdOn: DateTime): RealmRow {
  return { realmId, keyIndex: 0, createdOn, status: "AVAILABLE", deletedOn: null };
}

export function vlobRow(timestamp: DateTime, changes: Partial<VlobRow> = {}): VlobRow {
  const blob = new Uint8Array([1, 2, 3]);
  return {
    vlobId: VlobId.generate(),
    version: 1,
    keyIndex: 1,
    blob,
    author: DeviceId.generate(),
    timestamp,
    ...changes,
  };
}

export function userRow(createdOn: DateTime, changes: Partial<UserRow> = {}): UserRow {
  const userId = UserId.generate();
  return {
    userId,
    humanHandle: HumanHandle.parse(`${userId}@example.com`, "Somebody"),
    initialProfile: "STANDARD",
    currentProfile: "STANDARD",
    certificate: new Uint8Array([1]),
    redactedCertificate: new Uint8Array([2]),
    certifiedBy: null,
    createdOn,
    revocation: null,
    frozen: false,
    tosAcceptedOn: null,
    ...changes,
  };
}

export function invitationRow(createdOn: DateTime, target: InvitationRow["target"]): InvitationRow {
  return { token: AccessToken.generate(), target, createdBy: DeviceId.generate(), createdOn, ended: null };
}

export function serviceRow(createdOn: DateTime): SequesterServiceRow {
  return {
    serviceId: SequesterServiceId.generate(),
    label: "Service",
    certificate: new Uint8Array([3]),
    createdOn,
    config: { type: "storage" },
    revocation: null,
  };
}

export function enrollmentRow(submittedOn: DateTime, email = "joe@example.com"): EnrollmentRow {
  return {
    enrollmentId: AsyncEnrollmentId.generate(),
    email: EmailAddress.parse(email),
    submittedOn,
    payload: new Uint8Array([4]),
    signature: { type: "OPEN_BAO", signature: "vault:v1:x", entityId: "e" },
    state: { status: "SUBMITTED" },
  };
}

export function totpKeyRow(userId: UserId): TotpOpaqueKeyRow {
  return {
    opaqueKeyId: TotpOpaqueKeyId.generate(),
    userId,
    opaqueKey: new Uint8Array(32),
    failedAttempts: 0,
    lastFailedAttempt: null,
  };
}
