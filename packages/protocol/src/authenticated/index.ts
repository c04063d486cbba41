export {
  type AsyncEnrollmentAcceptReply,
  type AsyncEnrollmentAcceptRequest,
  asyncEnrollmentAccept,
} from "./async-enrollment-accept.ts";
export {
  AsyncEnrollmentListItem,
  type AsyncEnrollmentListReply,
  type AsyncEnrollmentListRequest,
  asyncEnrollmentList,
} from "./async-enrollment-list.ts";
export {
  type AsyncEnrollmentRejectReply,
  type AsyncEnrollmentRejectRequest,
  asyncEnrollmentReject,
} from "./async-enrollment-reject.ts";
export { type BlockCreateReply, type BlockCreateRequest, blockCreate } from "./block-create.ts";
export { type BlockReadReply, type BlockReadRequest, blockRead } from "./block-read.ts";
export { type CertificateGetReply, type CertificateGetRequest, certificateGet } from "./certificate-get.ts";
export { authenticatedCommands } from "./commands.ts";
export {
  type CryptpadRegisterSessionReply,
  type CryptpadRegisterSessionRequest,
  cryptpadRegisterSession,
} from "./cryptpad-register-session.ts";
export { type DeviceCreateReply, type DeviceCreateRequest, deviceCreate } from "./device-create.ts";
export { ApiEvent, type EventsListenReply, type EventsListenRequest, eventsListen } from "./events-listen.ts";
export { type InviteCancelReply, type InviteCancelRequest, inviteCancel } from "./invite-cancel.ts";
export { type InviteCompleteReply, type InviteCompleteRequest, inviteComplete } from "./invite-complete.ts";
export {
  type InviteGreeterCancelGreetingAttemptReply,
  type InviteGreeterCancelGreetingAttemptRequest,
  inviteGreeterCancelGreetingAttempt,
} from "./invite-greeter-cancel-greeting-attempt.ts";
export {
  type InviteGreeterStartGreetingAttemptReply,
  type InviteGreeterStartGreetingAttemptRequest,
  inviteGreeterStartGreetingAttempt,
} from "./invite-greeter-start-greeting-attempt.ts";
export {
  type InviteGreeterStepReply,
  type InviteGreeterStepRequest,
  inviteGreeterStep,
} from "./invite-greeter-step.ts";
export { InviteListItem, type InviteListReply, type InviteListRequest, inviteList } from "./invite-list.ts";
export { type InviteNewDeviceReply, type InviteNewDeviceRequest, inviteNewDevice } from "./invite-new-device.ts";
export {
  type InviteNewShamirRecoveryReply,
  type InviteNewShamirRecoveryRequest,
  inviteNewShamirRecovery,
} from "./invite-new-shamir-recovery.ts";
export { type InviteNewUserReply, type InviteNewUserRequest, inviteNewUser } from "./invite-new-user.ts";
export { type ListFrozenUsersReply, type ListFrozenUsersRequest, listFrozenUsers } from "./list-frozen-users.ts";
export { type OrganizationInfoReply, type OrganizationInfoRequest, organizationInfo } from "./organization-info.ts";
export { type PingReply, type PingRequest, ping } from "./ping.ts";
export { type RealmCreateReply, type RealmCreateRequest, realmCreate } from "./realm-create.ts";
export {
  type RealmGetKeysBundleReply,
  type RealmGetKeysBundleRequest,
  realmGetKeysBundle,
} from "./realm-get-keys-bundle.ts";
export { type RealmRenameReply, type RealmRenameRequest, realmRename } from "./realm-rename.ts";
export { type RealmRotateKeyReply, type RealmRotateKeyRequest, realmRotateKey } from "./realm-rotate-key.ts";
export {
  type RealmSelfPromoteToOwnerReply,
  type RealmSelfPromoteToOwnerRequest,
  realmSelfPromoteToOwner,
} from "./realm-self-promote-to-owner.ts";
export { type RealmShareReply, type RealmShareRequest, realmShare } from "./realm-share.ts";
export { type RealmUnshareReply, type RealmUnshareRequest, realmUnshare } from "./realm-unshare.ts";
export {
  type RealmUpdateArchivingReply,
  type RealmUpdateArchivingRequest,
  realmUpdateArchiving,
} from "./realm-update-archiving.ts";
export {
  type ShamirRecoveryDeleteReply,
  type ShamirRecoveryDeleteRequest,
  shamirRecoveryDelete,
} from "./shamir-recovery-delete.ts";
export {
  type ShamirRecoverySetupReply,
  type ShamirRecoverySetupRequest,
  shamirRecoverySetup,
} from "./shamir-recovery-setup.ts";
export {
  type TotpCreateOpaqueKeyReply,
  type TotpCreateOpaqueKeyRequest,
  totpCreateOpaqueKey,
} from "./totp-create-opaque-key.ts";
export { type TotpSetupConfirmReply, type TotpSetupConfirmRequest, totpSetupConfirm } from "./totp-setup-confirm.ts";
export {
  type TotpSetupGetSecretReply,
  type TotpSetupGetSecretRequest,
  totpSetupGetSecret,
} from "./totp-setup-get-secret.ts";
export { type UserCreateReply, type UserCreateRequest, userCreate } from "./user-create.ts";
export { type UserRevokeReply, type UserRevokeRequest, userRevoke } from "./user-revoke.ts";
export { type UserUpdateReply, type UserUpdateRequest, userUpdate } from "./user-update.ts";
export { type VlobCreateReply, type VlobCreateRequest, vlobCreate } from "./vlob-create.ts";
export { type VlobPollChangesReply, type VlobPollChangesRequest, vlobPollChanges } from "./vlob-poll-changes.ts";
export { type VlobReadBatchReply, type VlobReadBatchRequest, vlobReadBatch } from "./vlob-read-batch.ts";
export { type VlobReadVersionsReply, type VlobReadVersionsRequest, vlobReadVersions } from "./vlob-read-versions.ts";
export { type VlobUpdateReply, type VlobUpdateRequest, vlobUpdate } from "./vlob-update.ts";
