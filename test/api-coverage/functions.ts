import { type Coverage, missing, noted, ours, outOfScope } from "./coverage.ts";

const history = missing("the history of a workspace");
const cryptPad = missing("CryptPad sessions of a file");

/** By area, in the order of the reference. */
export const functions: Readonly<Record<string, Coverage>> = {
  // Platform
  getPlatform: ours("systemName", "SystemName"),
  getDefaultConfigDir: ours("defaultFolders", "BaseFolders.config"),
  getDefaultDataBaseDir: ours("defaultFolders", "BaseFolders.data"),
  getDefaultMountpointBaseDir: outOfScope("nothing is mounted: `Workspace.readFile`, `Workspace.import`"),
  getServerConfig: ours("Parsec.serverConfig"),
  isKeyringAvailable: ours("isKeyringAvailable"),

  // Start and cancellation
  libparsecInitNativeOnlyInit: outOfScope("`ParsecOptions.diagnostics`: the application writes what it wants to keep"),
  libparsecInitSetOnEventCallback: ours("Parsec.events.onAny", "Session.events.onAny", "Session.events.on"),
  newCanceller: noted("an `AbortController` for each call", "OperationOptions.signal"),
  cancel: noted("`AbortController.abort()`", "OperationOptions.signal"),

  // Paths
  pathJoin: ours("FsPath.join"),
  pathParent: ours("FsPath.parent"),
  pathFilename: ours("FsPath.name"),
  pathSplit: ours("FsPath.names"),
  pathNormalize: ours("FsPath.parse"),

  // Validation: what parses is valid
  validateEntryName: ours("EntryName.parse"),
  validatePath: ours("FsPath.parse"),
  validateHumanHandleLabel: ours("isValidHumanLabel"),
  validateEmail: ours("EmailAddress.parse"),
  validateDeviceLabel: ours("DeviceLabel.parse"),
  validateInvitationToken: ours("AccessToken.parse"),
  validateOrganizationId: ours("OrganizationId.parse"),

  // Addresses
  buildParsecAddr: ours("serverAddress", "formatAddress"),
  buildParsecOrganizationBootstrapAddr: noted("`token: undefined`", "BootstrapAddress.token", "formatAddress"),
  parseParsecAddr: ours("parseAnyAddress", "Address"),
  tryConvertHttpToParsecAddr: ours("parseServerHttpUrl"),

  // Devices
  listAvailableDevices: ours("Parsec.devices"),
  archiveDevice: ours("Parsec.archiveDevice"),
  removeDeviceData: ours("Parsec.removeDeviceData"),
  updateDeviceChangeAuthentication: ours("Parsec.changeProtection", "Parsec.addTotp", "Parsec.removeTotp"),
  updateDeviceOverwriteServerAddr: ours("Parsec.overwriteServerAddress"),
  importRecoveryDevice: ours("Parsec.recover"),
  clientExportRecoveryDevice: ours("Session.exportRecoveryDevice"),
  waitForDeviceAvailable: ours("Parsec.waitAvailable"),

  // Sessions
  clientStart: ours("Parsec.login"),
  clientStop: ours("Session.close"),
  clientInfo: ours("Session.info", "SessionInfo"),
  listStartedClients: ours("Parsec.sessions"),
  clientGetTos: noted("`undefined` for NoTos", "Session.organization.termsOfService"),
  clientAcceptTos: ours("Session.organization.acceptTermsOfService"),
  clientForgetAllCertificates: ours("Session.refetchCertificates", "LoginOptions.refetchCertificates"),
  isPathConfined: ours("PreventSyncPattern.isPathConfined", "EntryStat.confinedBy"),

  // Bootstrap
  bootstrapOrganization: ours("Parsec.bootstrap"),

  // Users and organization
  clientListUsers: ours("Session.users.list"),
  clientGetUserInfo: ours("Session.users.get"),
  clientListFrozenUsers: ours("Session.organization.frozenUsers"),
  clientListUserDevices: ours("Session.users.devicesOf"),
  clientGetUserDevice: ours("Session.users.device", "Session.users.get"),
  clientRevokeUser: ours("Session.users.revoke"),
  clientUpdateUserProfile: ours("Session.users.updateProfile"),
  clientOrganizationInfo: ours("Session.organization.usage"),
  clientGetOrganizationBootstrapDate: ours("Session.organization.bootstrappedOn"),

  // Recovery by others
  clientSetupShamirRecovery: ours("Session.shamirRecovery.setUp"),
  clientDeleteShamirRecovery: ours("Session.shamirRecovery.delete"),
  clientGetSelfShamirRecovery: ours("Session.shamirRecovery.status"),
  clientListShamirRecoveriesForOthers: ours("Session.shamirRecovery.forOthers"),

  // Invitations
  clientNewUserInvitation: ours("Session.invitations.inviteUser"),
  clientNewDeviceInvitation: ours("Session.invitations.inviteDevice"),
  clientNewShamirRecoveryInvitation: ours("Session.invitations.inviteRecovery"),
  clientCancelInvitation: ours("Session.invitations.cancel"),
  clientListInvitations: ours("Session.invitations.list"),
  clientStartUserInvitationGreet: ours("Session.invitations.greetUser"),
  clientStartDeviceInvitationGreet: ours("Session.invitations.greetDevice"),
  clientStartShamirRecoveryInvitationGreet: ours("Session.invitations.greetRecovery"),

  // Greeting: each stage is an object
  greeterUserInitialDoWaitPeer: ours("Session.invitations.greetUser", "GreeterShowsCode.greeterSas"),
  greeterUserInProgress1DoWaitPeerTrust: ours("GreeterShowsCode.waitPeerTrust", "GreeterChoosesCode.claimerSasChoices"),
  greeterUserInProgress2DoSignifyTrust: ours("GreeterChoosesCode.choose"),
  greeterUserInProgress2DoDenyTrust: ours("GreeterChoosesCode.denyTrust"),
  greeterDeviceInitialDoWaitPeer: ours("Session.invitations.greetDevice", "GreeterShowsCode.greeterSas"),
  greeterDeviceInProgress1DoWaitPeerTrust: ours(
    "GreeterShowsCode.waitPeerTrust",
    "GreeterChoosesCode.claimerSasChoices",
  ),
  greeterDeviceInProgress2DoSignifyTrust: ours("GreeterChoosesCode.choose"),
  greeterDeviceInProgress2DoDenyTrust: ours("GreeterChoosesCode.denyTrust"),
  greeterShamirRecoveryInitialDoWaitPeer: ours("Session.invitations.greetRecovery", "GreeterShowsCode.greeterSas"),
  greeterShamirRecoveryInProgress1DoWaitPeerTrust: ours(
    "GreeterShowsCode.waitPeerTrust",
    "GreeterChoosesCode.claimerSasChoices",
  ),
  greeterShamirRecoveryInProgress2DoSignifyTrust: ours("GreeterChoosesCode.choose"),
  greeterShamirRecoveryInProgress2DoDenyTrust: ours("GreeterChoosesCode.denyTrust"),
  greeterUserInProgress3DoGetClaimRequests: ours("GreeterReadsRequest.getRequest", "UserRequest.requestedHumanHandle"),
  greeterUserInProgress4DoCreate: ours("UserRequest.createUser"),
  greeterDeviceInProgress3DoGetClaimRequests: ours(
    "GreeterReadsRequest.getRequest",
    "DeviceRequest.requestedDeviceLabel",
  ),
  greeterDeviceInProgress4DoCreate: ours("DeviceRequest.createDevice"),
  greeterShamirRecoveryInProgress3DoGetClaimRequests: ours("GreeterReadsRequest.getRequest", "ShareRequest.sendShares"),

  // Claiming
  claimerRetrieveInfo: ours("Parsec.openInvitation", "ReceivedInvitation"),
  claimerUserListInitialInfo: ours("UserInvitation.details", "UserInvitation.preferredGreeter"),
  claimerUserWaitAllPeers: noted("without a greeter: whoever comes first", "UserInvitation.meet"),
  claimerUserInitialDoWaitPeer: noted("with a greeter", "UserInvitation.meet"),
  claimerUserInProgress1DoSignifyTrust: ours("ClaimerChoosesCode.choose"),
  claimerUserInProgress1DoDenyTrust: ours("ClaimerChoosesCode.denyTrust"),
  claimerUserInProgress2DoWaitPeerTrust: ours("ClaimerShowsCode.waitPeerTrust"),
  claimerDeviceInitialDoWaitPeer: ours("DeviceInvitation.meet"),
  claimerDeviceInProgress1DoSignifyTrust: ours("ClaimerChoosesCode.choose"),
  claimerDeviceInProgress1DoDenyTrust: ours("ClaimerChoosesCode.denyTrust"),
  claimerDeviceInProgress2DoWaitPeerTrust: ours("ClaimerShowsCode.waitPeerTrust"),
  claimerShamirRecoveryInitialDoWaitPeer: ours("RecoveryInvitation.meet"),
  claimerShamirRecoveryInProgress1DoSignifyTrust: ours("ClaimerChoosesCode.choose"),
  claimerShamirRecoveryInProgress1DoDenyTrust: ours("ClaimerChoosesCode.denyTrust"),
  claimerShamirRecoveryInProgress2DoWaitPeerTrust: ours("ClaimerShowsCode.waitPeerTrust"),
  claimerUserInProgress3DoClaim: ours("UserClaim.receive", "UserClaim.claim"),
  claimerDeviceInProgress3DoClaim: ours("DeviceClaim.receive", "DeviceClaim.claim"),
  claimerShamirRecoveryInProgress3DoClaim: ours("ShareClaim.getShare"),
  claimerUserFinalizeSaveLocalDevice: ours("UnsavedDevice.save"),
  claimerDeviceFinalizeSaveLocalDevice: ours("UnsavedDevice.save"),
  claimerShamirRecoveryFinalizeSaveLocalDevice: ours("UnsavedDevice.save"),
  claimerShamirRecoveryPickRecipient: ours("RecoveryInvitation.recipientsWithoutShare", "RecoveryInvitation.meet"),
  claimerShamirRecoveryAddShare: ours("RecoveryInvitation.add", "RecoveryInvitation.isRecoverable"),
  claimerShamirRecoveryRecoverDevice: ours("RecoverableDevice.recover"),
  claimerGreeterAbortOperation: ours("ClaimerChoosesCode.cancel", "GreeterShowsCode.cancel", "UserClaim.cancel"),

  // Workspaces
  clientListWorkspaces: ours("Session.workspaces.list"),
  clientCreateWorkspace: ours("Session.workspaces.create"),
  clientRenameWorkspace: ours("Workspace.rename"),
  clientShareWorkspace: noted("without a role: `unshare`", "Workspace.share", "Workspace.unshare"),
  clientListWorkspaceUsers: ours("Workspace.members"),
  clientSelfPromoteToWorkspaceOwner: ours("Workspace.selfPromoteToOwner"),
  clientArchiveWorkspace: ours("Workspace.archive"),
  clientStartWorkspace: ours("Session.workspaces.get"),
  workspaceStop: ours("Workspace.close"),
  workspaceInfo: ours("Workspace.info", "Session.workspaces.info"),
  clientGetOutboundSyncBacklog: noted("for each workspace", "Session.workspaces.opened", "Workspace.pendingUploads"),

  // Files
  workspaceStatEntry: ours("Workspace.stat", "EntryStat"),
  workspaceStatEntryById: ours("Workspace.statById"),
  workspaceStatEntryByIdIgnoreConfinementPoint: noted("with it", "Workspace.statById"),
  workspaceStatFolderChildren: ours("Workspace.list", "ListedEntry"),
  workspaceStatFolderChildrenById: ours("Workspace.listById"),
  workspaceWatchEntryOneshot: missing("watching one entry"),
  workspaceCreateFile: ours("Workspace.createFile"),
  workspaceCreateFolder: ours("Workspace.createFolder"),
  workspaceCreateFolderAll: ours("Workspace.createFolder", "CreateFolderOptions.recursive"),
  workspaceMoveEntry: ours("Workspace.move", "MoveOptions.mode"),
  workspaceRenameEntryById: ours("Workspace.renameById"),
  workspaceRemoveEntry: ours("Workspace.remove"),
  workspaceRemoveFile: noted('`"file"`', "Workspace.remove", "RemoveOptions.expect"),
  workspaceRemoveFolder: noted('`"folder"`', "Workspace.remove", "RemoveOptions.expect"),
  workspaceRemoveFolderAll: ours("Workspace.remove", "RemoveOptions.recursive"),
  workspaceOpenFile: ours("Workspace.open", "OpenOptions"),
  workspaceOpenFileById: ours("Workspace.openById"),
  workspaceOpenFileAndGetId: ours("Workspace.open", "FileHandle.id"),
  workspaceFdStat: ours("FileHandle.stat"),
  workspaceFdRead: ours("FileHandle.read"),
  workspaceFdWrite: ours("FileHandle.write"),
  workspaceFdWriteConstrainedIo: ours("FileHandle.writeWithin"),
  workspaceFdWriteStartEof: ours("FileHandle.writeAtEnd"),
  workspaceFdResize: ours("FileHandle.resize", "ResizeOptions.onlyCut"),
  workspaceFdFlush: ours("FileHandle.flush"),
  workspaceFdClose: ours("FileHandle.close"),
  workspaceIsFileContentLocal: missing("whether the content of a file is here"),
  workspaceGeneratePathAddr: missing("links to an entry"),
  workspaceDecryptPathAddr: missing("links to an entry"),
  workspaceRegisterCryptpadSession: cryptPad,
  workspaceSaveAndSyncFileWithCryptpad: cryptPad,

  // Mountpoints
  workspaceMount: outOfScope("nothing is mounted: `Workspace.readFile`, `Workspace.writeFile`, `Workspace.import`"),
  mountpointUnmount: outOfScope("nothing is mounted"),
  mountpointToOsPath: outOfScope("nothing is mounted: paths are those of the workspace"),

  // History
  clientStartWorkspaceHistory: history,
  workspaceHistoryStartWithRealmExport: missing("the history of an exported realm"),
  workspaceHistoryStop: history,
  workspaceHistoryGetTimestampLowerBound: history,
  workspaceHistoryGetTimestampHigherBound: history,
  workspaceHistoryGetTimestampOfInterest: history,
  workspaceHistorySetTimestampOfInterest: history,
  workspaceHistoryStatEntry: history,
  workspaceHistoryStatEntryById: history,
  workspaceHistoryStatFolderChildren: history,
  workspaceHistoryStatFolderChildrenById: history,
  workspaceHistoryOpenFile: history,
  workspaceHistoryOpenFileById: history,
  workspaceHistoryOpenFileAndGetId: history,
  workspaceHistoryFdRead: history,
  workspaceHistoryFdStat: history,
  workspaceHistoryFdClose: history,

  // Account
  accountCreate1SendValidationEmail: ours("sendCreationCode"),
  accountCreate2CheckValidationCode: ours("checkCreationCode"),
  accountCreate3Proceed: ours("createAccount"),
  accountLogin: ours("Parsec.logInToAccount", "logIn"),
  accountLogout: ours("Account.logOut"),
  accountInfo: ours("Account.address", "Account.humanHandle", "Account.authMethodId"),
  listStartedAccounts: ours("Parsec.accounts"),
  accountListAuthMethods: ours("Account.authMethods.list"),
  accountCreateAuthMethod: ours("Account.authMethods.changePassword", "Account.authMethods.addMasterSecret"),
  accountDisableAuthMethod: ours("Account.authMethods.disable"),
  accountListOrganizations: ours("Account.listOrganizations"),
  accountListInvitations: ours("Account.listInvitations"),
  accountListRegistrationDevices: ours("Account.vault.listRegistrationDevices"),
  accountCreateRegistrationDevice: ours("Session.createRegistrationDevice"),
  accountRegisterNewDevice: ours("Parsec.deviceFromAccount"),
  accountDelete1SendValidationEmail: ours("Account.sendDeletionCode"),
  accountDelete2Proceed: ours("Account.delete"),
  accountRecover1SendValidationEmail: ours("sendRecoveryCode"),
  accountRecover2Proceed: ours("recoverAccount"),

  // Second factor
  clientTotpSetupStatus: ours("Session.totp.status"),
  clientTotpSetupConfirm: ours("Session.totp.confirm"),
  clientTotpCreateOpaqueKey: ours("Session.totp.createKey"),
  totpFetchOpaqueKey: ours("Parsec.fetchTotpKey"),
  totpSetupStatusAnonymous: ours("Parsec.openTotpReset", "TotpReset.secret"),
  totpSetupConfirmAnonymous: ours("TotpReset.confirm"),

  // PKI
  pkiInitForNative: noted("the PKCS#11 library is named with each call", "TokenOptions.library"),
  pkiInitForScws: ours("smartcardService", "ScwsBridge"),
  pkiListUserCertificates: ours("listTokenCertificates", "SmartcardService.listCertificates", "TokenCertificate"),
  pkiOpenUserCertificatePrivateKey: ours(
    "openTokenKey",
    "SmartcardService.openKey",
    "webCryptoX509Key",
    "pkcs12X509Key",
    "pemX509Key",
  ),
  pkiPrivateKeyClose: ours("X509Key.close"),
  showCertificateSelectionDialogWindowsOnly: outOfScope(
    "a window of Windows: list with `listTokenCertificates` and ask",
  ),

  // Enrollment without a meeting
  clientGetAsyncEnrollmentAddr: ours("Session.enrollments.links"),
  clientListAsyncEnrollments: ours("Session.enrollments.list"),
  clientAcceptAsyncEnrollment: ours("EnrollmentRequest.accept"),
  clientRejectAsyncEnrollment: ours("EnrollmentRequest.reject"),
  submitAsyncEnrollment: ours("Parsec.enrollments.submit"),
  submitterListAsyncEnrollments: ours("Parsec.enrollments.list"),
  submitterGetAsyncEnrollmentInfo: ours("Parsec.enrollments.status"),
  submitterFinalizeAsyncEnrollment: ours("Parsec.enrollments.complete", "UnsavedDevice.save"),
  submitterCancelAsyncEnrollment: ours("Parsec.enrollments.cancel"),
  openbaoListSelfEmails: ours("OpenBaoClient.listEmails"),

  // Testbed: control routes of a server for tests
  testNewTestbed: noted("`POST /testbed/organizations`", "StartServerOptions.testbed"),
  testDropTestbed: noted("`DELETE /testbed/organizations/{id}`", "StartServerOptions.testbed"),
  testGetTestbedOrganizationId: noted("in the reply of `POST /testbed/organizations`", "StartServerOptions.testbed"),
  testGetTestbedBootstrapOrganizationAddr: ours("RunningServer.createOrganization"),
  testCheckMailbox: noted("or `GET /testbed/mailbox/{email}`", "RunningServer.mailbox.received"),
  testNewAccount: noted("with the code in the mailbox", "createAccount", "RunningServer.mailbox.received"),
};
