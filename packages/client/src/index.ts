export type { ConnectionError, ConnectionState, RefusalReason } from "@parsec/connection";
export {
  type AvailableDevice,
  type PendingEnrollment,
  type Protection,
  password,
  type RecoveryFile,
  withTotp,
} from "@parsec/device";
export { RealmExportError, type RealmExportErrorCode, UnsupportedRealmExportError } from "@parsec/storage";
export type { BootstrapError, BootstrapOptions } from "./bootstrap/bootstrap.ts";
export type { PollError } from "./certificates/certificates.ts";
export type { TopicTimestamps } from "./certificates/topic.ts";
export { type CertificateViolation, InvalidCertificateError } from "./certificates/violation.ts";
export type { NewDeviceError, NewDeviceOptions } from "./devices/new-device.ts";
export type { ExportRecoveryOptions, RecoveryError, RecoveryOptions } from "./devices/recovery.ts";
export type { CreateRegistrationDeviceError, DeviceFromAccountError } from "./devices/registration.ts";
export type { SaveUnsavedDeviceError, UnsavedDevice } from "./devices/unsaved-device.ts";
export type { EnrollmentReference } from "./enrollment/complete-enrollment.ts";
export type { AcceptEnrollment, EnrollmentRequest, UntrustedIdentity } from "./enrollment/enrollment-request.ts";
export type { EnrollmentLinks, EnrollmentRequests } from "./enrollment/enrollment-requests.ts";
export type {
  EnrollmentOptions,
  EnrollmentStatus,
  Enrollments,
  SubmitEnrollment,
} from "./enrollment/enrollments.ts";
export {
  type AcceptEnrollmentError,
  type CompleteEnrollmentError,
  EmailAlreadySubmittedError,
  EnrollmentError,
  type EnrollmentErrorCode,
  IdentityMismatchError,
  type SubmitEnrollmentError,
} from "./enrollment/errors.ts";
export type {
  EnrollmentIdentity,
  IdentityOptions,
  IdentitySystem,
  PayloadSignature,
  VerifyOptions,
} from "./enrollment/identity.ts";
export { type OpenBaoIdentityOptions, openBaoIdentity } from "./enrollment/openbao-identity.ts";
export { type X509IdentityOptions, x509Identity } from "./enrollment/x509-identity.ts";
export {
  type AuthoringError,
  ClientError,
  type ClientErrorCode,
  ClockDriftError,
  GreaterTimestampError,
  MissingCertificatesError,
  SequesterServiceError,
  UnexpectedReplyError,
} from "./errors.ts";
export type { ClaimerChoosesCode, ClaimerShowsCode, Greeter } from "./invitations/claim.ts";
export type { DeviceClaim, DeviceClaimRequest, UserClaim, UserClaimRequest } from "./invitations/claims.ts";
export {
  type CancelInvitationError,
  type ClaimError,
  type ClaimerStepError,
  type CreateDeviceError,
  type CreateUserError,
  type GreeterStepError,
  GreetingCancelledError,
  type GreetRecoveryError,
  InvitationError,
  type InvitationErrorCode,
  type InviteRecoveryError,
  type InviteUserError,
  type MeetClaimerError,
  type MeetGreeterError,
  type RecoverDeviceError,
} from "./invitations/errors.ts";
export type { GreeterChoosesCode, GreeterReadsRequest, GreeterShowsCode } from "./invitations/greet.ts";
export type { StepOptions } from "./invitations/greeting/attempt.ts";
export type {
  InvitationLinks,
  Invitations,
  InviteOptions,
  ListedInvitation,
  NewInvitation,
} from "./invitations/invitations.ts";
export type {
  DeviceInvitation,
  ReceivedInvitation,
  UserInvitation,
} from "./invitations/received-invitation.ts";
export type { ShareRequest } from "./invitations/recovery/greet-recovery.ts";
export type { RecoverableDevice } from "./invitations/recovery/recoverable-device.ts";
export type { RecoveryInvitation, RecoveryRecipient } from "./invitations/recovery/recovery-invitation.ts";
export type { RecoveryShare, ShareClaim } from "./invitations/recovery/share-claim.ts";
export type { DeviceRequest, UserDecision, UserRequest } from "./invitations/requests.ts";
export type { MonitorState, SetAsideEntry } from "./monitors/sync-state.ts";
export type { Organization, OrganizationUsage, TermsOfService } from "./organization/organization.ts";
export { createParsec, type LoginError, type LoginOptions, type Parsec, type RemoveDeviceOptions } from "./parsec.ts";
export type { ParsecOptions } from "./ports.ts";
export { InvalidKeysBundleError, type KeysBundleDefect } from "./realm-keys/keys-bundle-error.ts";
export type { RealmKeysError } from "./realm-keys/realm-keys.ts";
export { MissingKeyRotationsError } from "./realm-keys/rotations.ts";
export type { ArchivingRequest } from "./realms/archive-realm.ts";
export { InvalidRealmNameError } from "./realms/realm-name.ts";
export type { WorkspaceMember } from "./realms/realms.ts";
export type { OpenBaoAuthId, OpenBaoServer, ServerConfig, ServerConfigError } from "./server-config/server-config.ts";
export type { SessionConfig } from "./session/config.ts";
export type { ClientEvent, OrganizationConfig, SessionEvents } from "./session/events.ts";
export type { ParsecEvents } from "./session/open-sessions.ts";
export type { Session } from "./session/session.ts";
export type { SessionInfo } from "./session/session-info.ts";
export type { WorkspaceInfo, Workspaces } from "./session/workspaces.ts";
export type { RecoveryShareError, SetUpRecoveryError } from "./shamir-recovery/errors.ts";
export type { RecoveryRequest } from "./shamir-recovery/set-up.ts";
export type { ShamirRecovery } from "./shamir-recovery/shamir-recovery.ts";
export type { RecoverySetup, RecoveryStatus } from "./shamir-recovery/status.ts";
export type { Totp, TotpOptions, TotpSetupError } from "./totp/totp.ts";
export type { TotpReset } from "./totp/totp-reset.ts";
export type { DeviceInfo, SelfInfo, UserInfo, Users } from "./users/users.ts";
export type { CandidateKeys, EditingKeys } from "./workspace/collaboration/editing-session.ts";
export { InvalidEditingSessionError } from "./workspace/collaboration/errors.ts";
export type { EditorOrigin } from "./workspace/collaboration/save-edited.ts";
export type { ByteSource, ContentPiece } from "./workspace/content/byte-source.ts";
export { maxFileSize } from "./workspace/content/limits.ts";
export type { WriteResult } from "./workspace/content/put-content.ts";
export type { ReadOptions } from "./workspace/content/read-file.ts";
export {
  InvalidBlockError,
  type InvalidBlockReason,
  InvalidManifestError,
  type InvalidManifestReason,
  WorkspaceError,
  type WorkspaceErrorCode,
} from "./workspace/errors.ts";
export type { FindOptions, FoundEntry } from "./workspace/find/find.ts";
export {
  HistoryError,
  type HistoryErrorCode,
  InvalidHistoryError,
  type InvalidHistoryReason,
} from "./workspace/history/errors.ts";
export type { HistoryFile } from "./workspace/history/history-file.ts";
export type { HistoryEntry, HistoryStat } from "./workspace/history/history-tree.ts";
export type { RestoreReport } from "./workspace/history/restore.ts";
export type { DamagedVersion, EntryVersion, RemovedEntry, VersionAuthor } from "./workspace/history/versions.ts";
export type { WorkspaceHistory } from "./workspace/history/workspace-history.ts";
export type {
  ImportEntry,
  ImportReport,
  SkippedEntry,
  SkipReason,
  UnreadableReason,
} from "./workspace/import/entry.ts";
export { EqualNamesError } from "./workspace/import/import-names.ts";
export type { PathLink } from "./workspace/links/path-link.ts";
export type {
  FileHandle,
  HandleOptions,
  ReadableOptions,
  ResizeOptions,
  WritableOptions,
} from "./workspace/open-files/file-handle.ts";
export type { OpenOptions } from "./workspace/open-files/open.ts";
export type { RealmExport, RealmExportKey } from "./workspace/realm-export/open-realm-export.ts";
export { type LeftEntry, SyncIncompleteError } from "./workspace/sync/sync-incomplete.ts";
export type { MoveMode, MoveOptions } from "./workspace/tree/move.ts";
export type { RemoveOptions } from "./workspace/tree/remove.ts";
export type { DamagedEntry, EntryStat, ListedEntry } from "./workspace/tree/stat.ts";
export type { Finding, FindingKind } from "./workspace/verify/finding.ts";
export type { EntryChange, WatchOptions } from "./workspace/watch/watch.ts";
export type { Workspace } from "./workspace/workspace.ts";
export type { CreateFolderOptions } from "./workspace/workspace-files.ts";
