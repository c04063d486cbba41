import type { AsyncEnrollmentId, DateTime, EmailAddress, OrganizationId } from "@parsec/types";

/** Which identity system vouches for a payload, and its signature, kept as received and not verified here. */
export type EnrollmentSignature =
  | {
      readonly type: "PKI";
      readonly signature: Uint8Array;
      readonly algorithm: "RSASSA-PSS-SHA256";
      readonly leaf: Uint8Array;
      readonly intermediates: readonly Uint8Array[];
    }
  | { readonly type: "OPEN_BAO"; readonly signature: string; readonly entityId: string };

export type EnrollmentState =
  | { readonly status: "SUBMITTED" }
  | { readonly status: "REJECTED" | "CANCELLED"; readonly on: DateTime }
  | {
      readonly status: "ACCEPTED";
      readonly on: DateTime;
      readonly payload: Uint8Array;
      readonly signature: EnrollmentSignature;
    };

/** Spec 08a §4.9. */
export interface EnrollmentRow {
  readonly enrollmentId: AsyncEnrollmentId;
  readonly email: EmailAddress;
  readonly submittedOn: DateTime;
  readonly payload: Uint8Array;
  readonly signature: EnrollmentSignature;
  readonly state: EnrollmentState;
}

export interface EnrollmentQueries {
  find(organizationId: OrganizationId, enrollmentId: AsyncEnrollmentId): Promise<EnrollmentRow | undefined>;
  /** The one enrollment of that e-mail that waits for an answer. */
  findSubmitted(organizationId: OrganizationId, email: EmailAddress): Promise<EnrollmentRow | undefined>;
  /** Those that wait for an answer, oldest first. */
  listSubmitted(organizationId: OrganizationId): Promise<readonly EnrollmentRow[]>;
  insert(organizationId: OrganizationId, row: EnrollmentRow): Promise<void>;
  setState(organizationId: OrganizationId, enrollmentId: AsyncEnrollmentId, state: EnrollmentState): Promise<void>;
}
