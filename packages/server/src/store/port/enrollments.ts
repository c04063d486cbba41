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

/** What an enrollment takes: the bytes, and characters of texts, that its submitter chose. */
export function enrollmentSize({ payload, signature }: Pick<EnrollmentRow, "payload" | "signature">): number {
  const parts =
    signature.type === "PKI"
      ? [payload, signature.signature, signature.leaf, ...signature.intermediates]
      : [payload, signature.signature, signature.entityId];
  return parts.reduce((total, part) => total + part.length, 0);
}

export interface EnrollmentUsage {
  /** How many wait for an answer. */
  readonly waiting: number;
  /** Sum of {@link enrollmentSize} over the waiting and the cancelled ones. */
  readonly bytes: number;
}

export interface EnrollmentQueries {
  find(organizationId: OrganizationId, enrollmentId: AsyncEnrollmentId): Promise<EnrollmentRow | undefined>;
  /** The one enrollment of that e-mail that waits for an answer. */
  findSubmitted(organizationId: OrganizationId, email: EmailAddress): Promise<EnrollmentRow | undefined>;
  /** Those that wait for an answer, oldest first. */
  listSubmitted(organizationId: OrganizationId): Promise<readonly EnrollmentRow[]>;
  /** How much anonymous callers have left there: the enrollments that wait for an answer, and the cancelled ones. */
  usage(organizationId: OrganizationId): Promise<EnrollmentUsage>;
  /** Removes the cancelled ones, all but the `keep` newest ones. */
  forgetCancelled(organizationId: OrganizationId, keep: number): Promise<void>;
  insert(organizationId: OrganizationId, row: EnrollmentRow): Promise<void>;
  setState(organizationId: OrganizationId, enrollmentId: AsyncEnrollmentId, state: EnrollmentState): Promise<void>;
}
