import type { Handler } from "../handler.ts";
import type { DeviceCaller } from "../scope.ts";
import { asyncEnrollmentAcceptHandler } from "./async-enrollment-accept.ts";
import { asyncEnrollmentListHandler } from "./async-enrollment-list.ts";
import { asyncEnrollmentRejectHandler } from "./async-enrollment-reject.ts";
import { blockCreateHandler } from "./block-create.ts";
import { blockReadHandler } from "./block-read.ts";
import { certificateGetHandler } from "./certificate-get.ts";
import { cryptpadRegisterSessionHandler } from "./cryptpad-register-session.ts";
import { deviceCreateHandler } from "./device-create.ts";
import { eventsListenHandler } from "./events-listen.ts";
import { inviteCancelHandler } from "./invite-cancel.ts";
import { inviteCompleteHandler } from "./invite-complete.ts";
import { inviteGreeterCancelGreetingAttemptHandler } from "./invite-greeter-cancel-greeting-attempt.ts";
import { inviteGreeterStartGreetingAttemptHandler } from "./invite-greeter-start-greeting-attempt.ts";
import { inviteGreeterStepHandler } from "./invite-greeter-step.ts";
import { inviteListHandler } from "./invite-list.ts";
import { inviteNewDeviceHandler } from "./invite-new-device.ts";
import { inviteNewShamirRecoveryHandler } from "./invite-new-shamir-recovery.ts";
import { inviteNewUserHandler } from "./invite-new-user.ts";
import { listFrozenUsersHandler } from "./list-frozen-users.ts";
import { organizationInfoHandler } from "./organization-info.ts";
import { pingHandler } from "./ping.ts";
import { realmCreateHandler } from "./realm-create.ts";
import { realmGetKeysBundleHandler } from "./realm-get-keys-bundle.ts";
import { realmRenameHandler } from "./realm-rename.ts";
import { realmRotateKeyHandler } from "./realm-rotate-key.ts";
import { realmSelfPromoteToOwnerHandler } from "./realm-self-promote-to-owner.ts";
import { realmShareHandler } from "./realm-share.ts";
import { realmUnshareHandler } from "./realm-unshare.ts";
import { realmUpdateArchivingHandler } from "./realm-update-archiving.ts";
import { shamirRecoveryDeleteHandler } from "./shamir-recovery-delete.ts";
import { shamirRecoverySetupHandler } from "./shamir-recovery-setup.ts";
import { totpCreateOpaqueKeyHandler } from "./totp-create-opaque-key.ts";
import { totpSetupConfirmHandler } from "./totp-setup-confirm.ts";
import { totpSetupGetSecretHandler } from "./totp-setup-get-secret.ts";
import { userCreateHandler } from "./user-create.ts";
import { userRevokeHandler } from "./user-revoke.ts";
import { userUpdateHandler } from "./user-update.ts";
import { vlobCreateHandler } from "./vlob-create.ts";
import { vlobPollChangesHandler } from "./vlob-poll-changes.ts";
import { vlobReadBatchHandler } from "./vlob-read-batch.ts";
import { vlobReadVersionsHandler } from "./vlob-read-versions.ts";
import { vlobUpdateHandler } from "./vlob-update.ts";

/** The commands of the family. */
export const authenticatedHandlers: readonly Handler<DeviceCaller>[] = [
  asyncEnrollmentAcceptHandler,
  asyncEnrollmentListHandler,
  asyncEnrollmentRejectHandler,
  blockCreateHandler,
  blockReadHandler,
  certificateGetHandler,
  cryptpadRegisterSessionHandler,
  deviceCreateHandler,
  eventsListenHandler,
  inviteCancelHandler,
  inviteCompleteHandler,
  inviteGreeterCancelGreetingAttemptHandler,
  inviteGreeterStartGreetingAttemptHandler,
  inviteGreeterStepHandler,
  inviteListHandler,
  inviteNewDeviceHandler,
  inviteNewShamirRecoveryHandler,
  inviteNewUserHandler,
  listFrozenUsersHandler,
  organizationInfoHandler,
  pingHandler,
  realmCreateHandler,
  realmGetKeysBundleHandler,
  realmRenameHandler,
  realmRotateKeyHandler,
  realmSelfPromoteToOwnerHandler,
  realmShareHandler,
  realmUnshareHandler,
  realmUpdateArchivingHandler,
  shamirRecoveryDeleteHandler,
  shamirRecoverySetupHandler,
  totpCreateOpaqueKeyHandler,
  totpSetupConfirmHandler,
  totpSetupGetSecretHandler,
  userCreateHandler,
  userRevokeHandler,
  userUpdateHandler,
  vlobCreateHandler,
  vlobPollChangesHandler,
  vlobReadBatchHandler,
  vlobReadVersionsHandler,
  vlobUpdateHandler,
];
