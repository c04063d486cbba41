import { type Missing, type OutOfScope } from "./coverage.ts";

/** `Class CODE` for each of our errors that stands for a variant, the most telling first. */
export type VariantCoverage = readonly string[] | Missing | OutOfScope;

export function notAnError(instead: string): OutOfScope {
  return { instead };
}

const offline = ["OfflineError OFFLINE"];
const sessionClosed = ["ClientError SESSION_CLOSED"];
const workspaceClosed = ["ClientError SESSION_CLOSED", "WorkspaceError WORKSPACE_CLOSED"];
const certificate = ["InvalidCertificateError INVALID_CERTIFICATE"];
const enrollmentPki = ["EnrollmentError OWN_CERTIFICATE_UNUSABLE"];
const neverProduced = notAnError("never produced by the reference either");
const noHandles = notAnError("no handles: an object that is closed says so");

/** Variants by their name, where all error types that have it mean the same. */
export const variants: Readonly<Record<string, VariantCoverage>> = {
  Internal: ["BugError BUG", "UnexpectedReplyError UNEXPECTED_REPLY"],
  Offline: offline,
  Stopped: sessionClosed,
  Cancelled: notAnError("an abort rejects with the `reason` of its signal"),
  InvalidCertificate: certificate,
  InvalidKeysBundle: ["InvalidKeysBundleError INVALID_KEYS_BUNDLE"],
  InvalidManifest: ["InvalidManifestError INVALID_MANIFEST"],
  InvalidBlockAccess: ["InvalidBlockError INVALID_BLOCK"],
  InvalidEncryptedRealmName: ["InvalidRealmNameError INVALID_REALM_NAME"],
  TimestampOutOfBallpark: ["ClockDriftError TIMESTAMP_OUT_OF_BALLPARK"],
  OrganizationExpired: ["RefusedError ORGANIZATION_EXPIRED"],

  // Realms and workspaces
  RealmDeleted: ["ClientError REALM_DELETED"],
  WorkspaceDeleted: ["ClientError REALM_DELETED"],
  NoRealm: ["ClientError REALM_NOT_FOUND"],
  NoRealmAccess: ["ClientError REALM_ACCESS_DENIED"],
  RealmArchived: ["WorkspaceError REALM_ARCHIVED"],
  NoKey: ["ClientError NO_REALM_KEY"],
  WorkspaceNotFound: ["ClientError WORKSPACE_NOT_FOUND"],
  AuthorNotAllowed: ["ClientError AUTHOR_NOT_ALLOWED"],
  ArchivingPeriodTooShort: ["ClientError ARCHIVING_PERIOD_TOO_SHORT"],
  ActiveOwnerAlreadyExists: ["ClientError ACTIVE_OWNER_ALREADY_EXISTS"],
  AuthorIsOutsider: ["ClientError AUTHOR_IS_OUTSIDER"],
  RecipientIsSelf: ["ClientError RECIPIENT_IS_SELF"],
  RecipientNotFound: ["ClientError RECIPIENT_NOT_FOUND"],
  RecipientRevoked: ["ClientError RECIPIENT_REVOKED"],
  RoleIncompatibleWithOutsider: ["ClientError ROLE_INCOMPATIBLE_WITH_OUTSIDER"],

  // Files
  EntryNotFound: ["WorkspaceError ENTRY_NOT_FOUND"],
  EntryNotAFile: ["WorkspaceError ENTRY_IS_FOLDER"],
  NotAFile: ["WorkspaceError ENTRY_IS_FOLDER"],
  EntryIsFile: ["WorkspaceError ENTRY_IS_FILE"],
  EntryIsFolder: ["WorkspaceError ENTRY_IS_FOLDER"],
  EntryIsNonEmptyFolder: ["WorkspaceError FOLDER_NOT_EMPTY"],
  EntryExists: ["WorkspaceError ENTRY_EXISTS"],
  EntryExistsInCreateNewMode: ["WorkspaceError ENTRY_EXISTS"],
  ParentNotFound: ["WorkspaceError PARENT_NOT_FOUND"],
  ParentNotAFolder: ["WorkspaceError PARENT_IS_FILE"],
  ReadOnlyRealm: ["WorkspaceError READ_ONLY"],
  CannotMoveRoot: ["WorkspaceError CANNOT_CHANGE_ROOT"],
  CannotRemoveRoot: ["WorkspaceError CANNOT_CHANGE_ROOT"],
  SourceNotFound: ["WorkspaceError ENTRY_NOT_FOUND"],
  DestinationExists: ["WorkspaceError ENTRY_EXISTS"],
  DestinationNotFound: ["WorkspaceError PARENT_NOT_FOUND", "WorkspaceError ENTRY_NOT_FOUND"],
  ServerBlockstoreUnavailable: ["WorkspaceError BLOCKSTORE_UNAVAILABLE"],
  BadFileDescriptor: ["WorkspaceError HANDLE_CLOSED"],
  NotInReadMode: ["WorkspaceError NOT_OPEN_FOR_READING"],
  NotInWriteMode: ["WorkspaceError NOT_OPEN_FOR_WRITING"],
  CorruptedData: ["WorkspaceError LINK_CORRUPTED"],
  CorruptedKey: ["ClientError REALM_KEY_CORRUPTED"],
  KeyNotFound: ["ClientError REALM_KEY_NOT_FOUND"],
  CryptpadUnavailable: ["WorkspaceError CRYPTPAD_UNAVAILABLE"],
  InvalidCryptpadSessionKeys: ["InvalidEditingSessionError INVALID_EDITING_SESSION"],
  InvalidHistory: ["HistoryError INVALID_HISTORY"],
  NewerThanHigherBound: ["HistoryError NEWER_THAN_HIGHER_BOUND"],
  OlderThanLowerBound: ["HistoryError OLDER_THAN_LOWER_BOUND"],
  NoHistory: ["HistoryError NO_HISTORY"],
  CannotOpenRealmExportDatabase: ["RealmExportError CANNOT_OPEN_REALM_EXPORT"],
  IncompleteRealmExportDatabase: ["RealmExportError INCOMPLETE_REALM_EXPORT"],
  InvalidRealmExportDatabase: ["RealmExportError INVALID_REALM_EXPORT"],
  UnsupportedRealmExportDatabaseVersion: ["UnsupportedRealmExportError UNSUPPORTED_REALM_EXPORT_VERSION"],

  // Device files
  StorageNotAvailable: ["DeviceError STORAGE_NOT_AVAILABLE"],
  NoSpaceAvailable: ["DeviceError NO_SPACE_AVAILABLE"],
  SaveDeviceNoSpaceAvailable: ["DeviceError NO_SPACE_AVAILABLE"],
  InvalidPath: ["DeviceError INVALID_PATH"],
  SaveDeviceInvalidPath: ["DeviceError INVALID_PATH"],
  LoadDeviceInvalidPath: ["DeviceError INVALID_PATH"],
  InvalidData: ["DeviceError INVALID_DATA"],
  LoadDeviceInvalidData: ["DeviceError INVALID_DATA"],
  BadAccessStrategy: ["BadAccessStrategyError BAD_ACCESS_STRATEGY"],
  LoadDeviceBadAccessStrategy: ["BadAccessStrategyError BAD_ACCESS_STRATEGY"],
  CiphertextKeyGenerationFailed: ["DeviceError CIPHERTEXT_KEY_GENERATION_FAILED"],
  LoadDeviceCiphertextKeyGenerationFailed: ["DeviceError CIPHERTEXT_KEY_GENERATION_FAILED"],
  DecryptionFailed: ["DeviceError DECRYPTION_FAILED"],
  LoadDeviceDecryptionFailed: ["DeviceError DECRYPTION_FAILED"],
  TOTPDecryptionFailed: ["DeviceError TOTP_DECRYPTION_FAILED"],
  LoadDeviceTOTPDecryptionFailed: ["DeviceError TOTP_DECRYPTION_FAILED"],
  KeyringError: ["DeviceError KEYRING_ERROR"],
  InvalidPassphrase: ["DeviceError INVALID_PASSPHRASE"],
  RemoteOpaqueKeyUploadOffline: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE"],
  RemoteOpaqueKeyUploadFailed: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_FAILED"],
  SaveDeviceRemoteOpaqueKeyUploadOffline: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE"],
  SaveDeviceRemoteOpaqueKeyUploadFailed: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_FAILED"],
  RemoteOpaqueKeyFetchOffline: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_OFFLINE"],
  RemoteOpaqueKeyFetchFailed: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_FAILED"],
  LoadDeviceRemoteOpaqueKeyFetchOffline: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_OFFLINE"],
  LoadDeviceRemoteOpaqueKeyFetchFailed: ["RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_FAILED"],
  RemoteOpaqueKeyOperationOffline: [
    "RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_OFFLINE",
    "RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE",
  ],
  RemoteOpaqueKeyOperationFailed: [
    "RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_FAILED",
    "RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_UPLOAD_FAILED",
  ],
  DeviceUsedByAnotherProcess: ["StorageError DEVICE_IN_USE"],
  FailedToRemoveData: ["StorageError STORAGE_UNAVAILABLE", "StorageError DEVICE_IN_USE"],

  // Users, bootstrap, terms
  UserNotFound: ["ClientError USER_NOT_FOUND"],
  UserIsSelf: ["ClientError USER_IS_SELF"],
  UserRevoked: ["ClientError USER_REVOKED"],
  NonExisting: notAnError("`undefined`"),
  BootstrapDateNotFound: ["ClientError USER_NOT_FOUND"],
  AlreadyUsedToken: ["ClientError ORGANIZATION_ALREADY_BOOTSTRAPPED"],
  InvalidToken: ["ClientError INVALID_BOOTSTRAP_TOKEN"],
  InvalidSequesterAuthorityVerifyKey: ["ClientError INVALID_SEQUESTER_KEY"],
  TosMismatch: ["ClientError TERMS_OF_SERVICE_CHANGED"],

  // Recovery by others
  AuthorAmongRecipients: ["ClientError RECIPIENT_IS_SELF"],
  ShamirRecoveryAlreadyExists: ["ClientError RECOVERY_ALREADY_SET_UP"],
  ThresholdBiggerThanSumOfShares: ["ClientError THRESHOLD_TOO_HIGH"],
  TooManyShares: ["ClientError TOO_MANY_SHARES"],
  CorruptedShareData: ["ClientError RECOVERY_SHARE_CORRUPTED"],
  ShamirRecoveryDeleted: ["ClientError RECOVERY_DELETED"],
  ShamirRecoveryNotFound: ["ClientError RECOVERY_NOT_FOUND"],
  ShamirRecoveryUnusable: ["ClientError RECOVERY_UNUSABLE"],
  CorruptedSecret: ["InvitationError RECOVERY_SECRET_CORRUPTED"],
  RecipientAlreadyPicked: ["InvitationError RECIPIENT_ALREADY_PICKED"],
  CipheredDataNotFound: ["InvitationError RECOVERY_DATA_NOT_FOUND"],
  CorruptedCipheredData: ["InvitationError RECOVERY_DATA_CORRUPTED"],

  // Invitations and greetings
  NotAllowed: ["InvitationError NOT_ALLOWED"],
  InvitationNotFound: ["InvitationError INVITATION_NOT_FOUND"],
  AlreadyMember: ["InvitationError CLAIMER_ALREADY_ENROLLED"],
  AlreadyCancelled: ["InvitationError INVITATION_CANCELLED"],
  Completed: ["InvitationError INVITATION_COMPLETED"],
  AlreadyDeleted: ["InvitationError INVITATION_COMPLETED", "InvitationError INVITATION_CANCELLED"],
  AlreadyUsedOrDeleted: ["RefusedError INVITATION_ALREADY_USED_OR_DELETED"],
  AlreadyUsed: ["RefusedError INVITATION_ALREADY_USED_OR_DELETED"],
  PeerReset: neverProduced,
  ActiveUsersLimitReached: ["InvitationError ACTIVE_USERS_LIMIT_REACHED"],
  GreeterNotAllowed: ["InvitationError GREETER_NOT_ALLOWED"],
  GreetingAttemptCancelled: ["GreetingCancelledError GREETING_CANCELLED"],
  CorruptedSharedSecretKey: ["InvitationError SHARED_SECRET_CORRUPTED"],
  CorruptedConfirmation: ["InvitationError PEER_PAYLOAD_CORRUPTED"],
  CorruptedInviteUserData: ["InvitationError PEER_PAYLOAD_CORRUPTED"],
  NonceMismatch: ["InvitationError NONCE_MISMATCH"],
  HumanHandleAlreadyTaken: ["InvitationError HUMAN_HANDLE_TAKEN"],
  UserAlreadyExists: ["InvitationError USER_ALREADY_EXISTS"],
  DeviceAlreadyExists: ["InvitationError DEVICE_ALREADY_EXISTS"],
  UserCreateNotAllowed: ["InvitationError USER_CREATE_NOT_ALLOWED"],

  // Account
  BadVaultKeyAccess: ["AccountError BAD_VAULT_KEY_ACCESS"],
  BadPasswordAlgorithm: ["AccountError BAD_PASSWORD_ALGORITHM"],
  InvalidValidationCode: ["AccountError INVALID_VALIDATION_CODE"],
  SendValidationEmailRequired: ["AccountError SEND_VALIDATION_EMAIL_REQUIRED"],
  EmailRecipientRefused: ["AccountError EMAIL_RECIPIENT_REFUSED"],
  EmailSendingRateLimited: ["EmailRateLimitedError EMAIL_SENDING_RATE_LIMITED"],
  EmailServerUnavailable: ["AccountError EMAIL_SERVER_UNAVAILABLE"],
  AuthMethodAlreadyDisabled: ["AccountError AUTH_METHOD_ALREADY_DISABLED"],
  AuthMethodNotFound: ["AccountError AUTH_METHOD_NOT_FOUND"],
  SelfDisableNotAllowed: ["AccountError SELF_DISABLE_NOT_ALLOWED"],
  CorruptedRegistrationDevice: ["AccountError CORRUPTED_REGISTRATION_DEVICE"],
  UnknownRegistrationDevice: ["AccountError UNKNOWN_REGISTRATION_DEVICE"],

  // Second factor
  InvalidOneTimePassword: ["TotpError INVALID_ONE_TIME_PASSWORD"],
  Throttled: ["TotpThrottledError TOTP_THROTTLED"],
  AlreadySetup: ["TotpError TOTP_ALREADY_SETUP"],
  BadToken: ["TotpError BAD_TOTP_RESET_TOKEN"],

  // PKI and enrollment
  PKICannotOpenCertificateStore: ["PkiError TOKEN_UNAVAILABLE", "EnrollmentError OWN_CERTIFICATE_UNUSABLE"],
  PKIUnusableX509CertificateReference: enrollmentPki,
  PKIServerInvalidX509Trustchain: ["EnrollmentError CERTIFICATE_REFUSED"],
  CertificateNotFound: ["PkiError CERTIFICATE_NOT_FOUND"],
  PrivateKeyNotFound: ["PkiError PRIVATE_KEY_NOT_FOUND"],
  NotAvailable: ["PkiError TOKEN_UNAVAILABLE", "PkiError NATIVE_MODULE_MISSING"],
  CannotOpenStore: notAnError("a window of Windows"),
  CannotGetCertificateInfo: notAnError("a window of Windows"),
  CannotAcquirePubkey: ["InvalidX509CertificateError INVALID_CERTIFICATE"],
  CannotEncrypt: ["InvalidX509CertificateError INVALID_CERTIFICATE"],
  Decrypt: ["PkiError PRIVATE_KEY_FAILED"],
  Sign: ["PkiError PRIVATE_KEY_FAILED"],
  UnsupportedAlgorithm: ["PkiError PRIVATE_KEY_FAILED", "InvalidX509CertificateError INVALID_CERTIFICATE"],
  Untrusted: ["PkiError UNTRUSTED_CERTIFICATE"],
  EmailAlreadyEnrolled: ["EnrollmentError EMAIL_ALREADY_ENROLLED"],
  EmailAlreadySubmitted: ["EmailAlreadySubmittedError EMAIL_ALREADY_SUBMITTED"],
  BadSubmitPayload: ["EnrollmentError BAD_SUBMIT_PAYLOAD"],
  BadAcceptPayload: ["EnrollmentError BAD_ACCEPT_PAYLOAD"],
  EnrollmentNotFound: ["EnrollmentError ENROLLMENT_NOT_FOUND"],
  EnrollmentNotFoundOnServer: ["EnrollmentError ENROLLMENT_NOT_FOUND"],
  EnrollmentNoLongerAvailable: ["EnrollmentError ENROLLMENT_NO_LONGER_AVAILABLE"],
  NotAccepted: ["EnrollmentError ENROLLMENT_NOT_ACCEPTED"],
  IdentityStrategyMismatch: ["IdentityMismatchError IDENTITY_MISMATCH"],
  EnrollmentFileInvalidPath: ["DeviceError INVALID_PATH"],
  EnrollmentFileInvalidData: ["DeviceError INVALID_DATA"],
  EnrollmentFileCannotRetrieveCiphertextKey: [
    "DeviceError DECRYPTION_FAILED",
    "DeviceError BAD_ACCESS_STRATEGY",
    "RemoteOpaqueKeyError REMOTE_OPAQUE_KEY_FETCH_FAILED",
  ],
  OpenBaoBadURL: ["OpenBaoError OPENBAO_BAD_URL"],
  BadURL: ["OpenBaoError OPENBAO_BAD_URL"],
  OpenBaoNoServerResponse: ["OpenBaoError OPENBAO_NO_RESPONSE"],
  NoServerResponse: ["OpenBaoError OPENBAO_NO_RESPONSE"],
  OpenBaoBadServerResponse: ["OpenBaoError OPENBAO_BAD_RESPONSE", "OpenBaoError OPENBAO_PERMISSION_DENIED"],
  BadServerResponse: ["OpenBaoError OPENBAO_BAD_RESPONSE", "OpenBaoError OPENBAO_PERMISSION_DENIED"],

  // Addresses
  InvalidUrl: ["AddressError INVALID_URL"],
  InvalidUrlScheme: ["AddressError INVALID_URL_SCHEME"],
  InvalidOrganizationID: ["AddressError INVALID_ORGANIZATION_ID"],
  ShouldNotHaveAPath: ["AddressError SHOULD_NOT_HAVE_A_PATH"],
  NotARedirection: ["AddressError NOT_A_REDIRECTION"],
  MissingParam: ["AddressError MISSING_PARAM"],
  DuplicateParam: ["AddressError DUPLICATE_PARAM"],
  InvalidParamValue: ["AddressError INVALID_PARAM_VALUE"],

  // Start and testbed
  NotBound: notAnError("aborting a controller that nobody waits for does nothing"),
  Disabled: notAnError("a server without `testbed` has no such routes"),
  NoTos: notAnError("`undefined`"),
};

/** Variants that an error type means in its own way, and the exported union of what the operation throws, if any. */
export const errorTypes: Readonly<
  Record<string, { readonly union?: string; readonly variants?: Readonly<Record<string, VariantCoverage>> }>
> = {
  GetServerConfigError: { union: "ServerConfigError" },
  ClientStartError: { union: "LoginError" },
  BootstrapOrganizationError: { union: "BootstrapError" },
  ImportRecoveryDeviceError: {
    union: "RecoveryError",
    variants: { InvalidCertificate: neverProduced, Stopped: notAnError("there is no session yet to be stopped") },
  },
  ClientNewUserInvitationError: { union: "InviteUserError" },
  ClientNewShamirRecoveryInvitationError: {
    union: "InviteRecoveryError",
    variants: { UserNotFound: ["InvitationError CLAIMER_NOT_FOUND"] },
  },
  ClientCancelInvitationError: {
    union: "CancelInvitationError",
    variants: { NotFound: ["InvitationError INVITATION_NOT_FOUND"] },
  },
  ClientStartShamirRecoveryInvitationGreetError: { union: "GreetRecoveryError" },
  GreetInProgressError: { variants: { NotFound: ["InvitationError INVITATION_NOT_FOUND"] } },
  ClaimInProgressError: {
    variants: {
      NotFound: ["InvitationError GREETER_NOT_FOUND", "RefusedError BAD_AUTHENTICATION"],
      ActiveUsersLimitReached: neverProduced,
    },
  },
  ClaimerRetrieveInfoError: { variants: { NotFound: ["RefusedError BAD_AUTHENTICATION"] } },
  ClaimFinalizeError: { union: "SaveUnsavedDeviceError" },
  ShamirRecoveryClaimPickRecipientError: {
    variants: {
      RecipientNotFound: ["InvitationError RECIPIENT_NOT_FOUND"],
      RecipientRevoked: ["InvitationError RECIPIENT_REVOKED"],
    },
  },
  ShamirRecoveryClaimAddShareError: { variants: { RecipientNotFound: ["InvitationError RECIPIENT_NOT_FOUND"] } },
  ShamirRecoveryClaimRecoverDeviceError: {
    union: "RecoverDeviceError",
    variants: {
      NotFound: ["RefusedError BAD_AUTHENTICATION"],
      RegisterNewDeviceError: ["ClockDriftError TIMESTAMP_OUT_OF_BALLPARK", "UnexpectedReplyError UNEXPECTED_REPLY"],
    },
  },
  ClientSetupShamirRecoveryError: { union: "SetUpRecoveryError" },
  ClientDeleteShamirRecoveryError: { union: "AuthoringError" },
  ClientExportRecoveryDeviceError: { union: "AuthoringError" },
  ClientAcceptTosError: { variants: { NoTos: ["ClientError NO_TERMS_OF_SERVICE"] } },
  ClientListAsyncEnrollmentsError: { variants: { AuthorNotAllowed: ["EnrollmentError NOT_ALLOWED"] } },
  ClientRejectAsyncEnrollmentError: { variants: { AuthorNotAllowed: ["EnrollmentError NOT_ALLOWED"] } },
  ClientAcceptAsyncEnrollmentError: {
    union: "AcceptEnrollmentError",
    variants: {
      AuthorNotAllowed: ["EnrollmentError NOT_ALLOWED"],
      ActiveUsersLimitReached: ["EnrollmentError ACTIVE_USERS_LIMIT_REACHED"],
      HumanHandleAlreadyTaken: ["EnrollmentError HUMAN_HANDLE_TAKEN"],
    },
  },
  SubmitAsyncEnrollmentError: { union: "SubmitEnrollmentError" },
  SubmitterFinalizeAsyncEnrollmentError: { union: "CompleteEnrollmentError" },
  SubmitterCancelAsyncEnrollmentError: { variants: { NotFound: ["EnrollmentError ENROLLMENT_NOT_FOUND"] } },
  AccountCreateSendValidationEmailError: { union: "SendCodeError" },
  AccountDeleteSendValidationEmailError: { union: "SendCodeError" },
  AccountRecoverSendValidationEmailError: { union: "SendCodeError" },
  AccountCreateError: { union: "NewAccountError" },
  AccountDeleteProceedError: { union: "CodeError" },
  AccountRecoverProceedError: { union: "NewAccountError" },
  AccountLoginError: { union: "LogInError" },
  AccountCreateAuthMethodError: { union: "NewAuthMethodError" },
  AccountDisableAuthMethodError: { union: "DisableAuthMethodError" },
  AccountListAuthMethodsError: { union: "LoggedInError" },
  AccountListInvitationsError: { union: "LoggedInError" },
  AccountListOrganizationsError: { union: "LoggedInError" },
  AccountListRegistrationDevicesError: { union: "VaultError" },
  AccountRegisterNewDeviceError: { union: "DeviceFromAccountError" },
  AccountCreateRegistrationDeviceError: {
    variants: Object.fromEntries(
      [
        "KeyringError",
        "LoadDeviceBadAccessStrategy",
        "LoadDeviceCiphertextKeyGenerationFailed",
        "LoadDeviceDecryptionFailed",
        "LoadDeviceInvalidData",
        "LoadDeviceInvalidPath",
        "LoadDeviceTOTPDecryptionFailed",
        "RemoteOpaqueKeyFetchFailed",
        "RemoteOpaqueKeyFetchOffline",
      ].map((variant) => [variant, notAnError("a session makes the device: its login threw it")]),
    ),
    union: "CreateRegistrationDeviceError",
  },
  ClientTOTPSetupConfirmError: { union: "TotpSetupError" },
  ClientGetSelfShamirRecoveryError: {},
  PkiPrivateKeyCloseError: { variants: { Internal: noHandles } },
  WorkspaceGeneratePathAddrError: { variants: { NotAllowed: ["ClientError REALM_ACCESS_DENIED"] } },
  WorkspaceDecryptPathAddrError: { variants: { NotAllowed: ["ClientError REALM_ACCESS_DENIED"] } },
};

/** Error types of workspaces, whose `Stopped` may also be that of the workspace alone. */
export function stoppedOf(errorType: string): VariantCoverage {
  return errorType.startsWith("Workspace") ? workspaceClosed : sessionClosed;
}

/** Our names for the fields of variants, where they are not the same; by class. */
export const fieldNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AddressError: { x1: "param", help: "message" },
  EnrollmentError: { x1: "cause" },
};
