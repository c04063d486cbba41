import type {
  AccessToken,
  CancelledGreetingAttemptReason,
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  OrganizationId,
  UserId,
} from "@parsec/types";

/** Who is invited to what. A shamir invitation hangs on one setup of its claimer. */
export type InvitationTarget =
  | { readonly type: "USER"; readonly claimerEmail: EmailAddress }
  | { readonly type: "DEVICE"; readonly claimer: UserId }
  | { readonly type: "SHAMIR_RECOVERY"; readonly claimer: UserId; readonly setupCreatedOn: DateTime };

/** Spec 08a §4.8. */
export interface InvitationRow {
  readonly token: AccessToken;
  readonly target: InvitationTarget;
  readonly createdBy: DeviceId;
  readonly createdOn: DateTime;
  readonly ended: InvitationEnd | null;
}

export interface InvitationEnd {
  readonly on: DateTime;
  readonly reason: "FINISHED" | "CANCELLED";
  /** Who ended it, when known: only dumps may leave it out. */
  readonly by: DeviceId | null;
}

export type Peer = "GREETER" | "CLAIMER";

export interface GreetingCancellation {
  readonly origin: Peer;
  readonly reason: CancelledGreetingAttemptReason;
  readonly timestamp: DateTime;
}

export interface GreetingAttemptRow {
  readonly attemptId: GreetingAttemptId;
  readonly token: AccessToken;
  readonly greeter: UserId;
  readonly joined: { readonly [P in Peer]: DateTime | null };
  readonly cancellation: GreetingCancellation | null;
}

/** What each peer sent at one step: the encoded step, null as long as it sent nothing. */
export type GreetingStepRow = { readonly [P in Peer]: Uint8Array | null };

export interface InvitationSomewhere {
  readonly organizationId: OrganizationId;
  readonly invitation: InvitationRow;
}

export interface InvitationQueries {
  find(organizationId: OrganizationId, token: AccessToken): Promise<InvitationRow | undefined>;
  /** In order of creation, ended ones included. */
  list(organizationId: OrganizationId): Promise<readonly InvitationRow[]>;
  /** Those for exactly that target that have not ended, in order of creation. */
  openFor(organizationId: OrganizationId, target: InvitationTarget): Promise<readonly InvitationRow[]>;
  /** The invitations of a new user with that e-mail that have not ended, in all organizations, by organization. */
  openForEmail(email: EmailAddress): Promise<readonly InvitationSomewhere[]>;
  /**
   * Those that this user greets, in order of creation, ended ones included: for its own devices, for setups that it holds
   * a share of, and, when `newUsers`, all those for new users.
   */
  greetedBy(
    organizationId: OrganizationId,
    userId: UserId,
    options: { readonly newUsers: boolean },
  ): Promise<readonly InvitationRow[]>;
  insert(organizationId: OrganizationId, row: InvitationRow): Promise<void>;
  setEnded(organizationId: OrganizationId, token: AccessToken, end: InvitationEnd): Promise<void>;

  findAttempt(organizationId: OrganizationId, attemptId: GreetingAttemptId): Promise<GreetingAttemptRow | undefined>;
  /** The attempts between an invitation and a greeter, oldest first. At most one is not cancelled: the last. */
  attempts(organizationId: OrganizationId, token: AccessToken, greeter: UserId): Promise<readonly GreetingAttemptRow[]>;
  /** Removes the attempts between an invitation and a greeter, with their steps, all but the `keep` newest ones. */
  forgetAttempts(organizationId: OrganizationId, token: AccessToken, greeter: UserId, keep: number): Promise<void>;
  /** What the peers of an attempt sent is gone. */
  removeSteps(organizationId: OrganizationId, attemptId: GreetingAttemptId): Promise<void>;
  /** A new attempt, or a new state of one. */
  putAttempt(organizationId: OrganizationId, row: GreetingAttemptRow): Promise<void>;
  step(organizationId: OrganizationId, attemptId: GreetingAttemptId, index: number): Promise<GreetingStepRow>;
  putStep(
    organizationId: OrganizationId,
    attemptId: GreetingAttemptId,
    index: number,
    row: GreetingStepRow,
  ): Promise<void>;
}
