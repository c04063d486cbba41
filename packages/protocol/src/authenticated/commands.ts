import { asyncEnrollmentAccept } from "./async-enrollment-accept.ts";
import { asyncEnrollmentList } from "./async-enrollment-list.ts";
import { asyncEnrollmentReject } from "./async-enrollment-reject.ts";
import { blockCreate } from "./block-create.ts";
import { blockRead } from "./block-read.ts";
import { certificateGet } from "./certificate-get.ts";
import { cryptpadRegisterSession } from "./cryptpad-register-session.ts";
import { deviceCreate } from "./device-create.ts";
import { eventsListen } from "./events-listen.ts";
import { inviteCancel } from "./invite-cancel.ts";
import { inviteComplete } from "./invite-complete.ts";
import { inviteGreeterCancelGreetingAttempt } from "./invite-greeter-cancel-greeting-attempt.ts";
import { inviteGreeterStartGreetingAttempt } from "./invite-greeter-start-greeting-attempt.ts";
import { inviteGreeterStep } from "./invite-greeter-step.ts";
import { inviteList } from "./invite-list.ts";
import { inviteNewDevice } from "./invite-new-device.ts";
import { inviteNewShamirRecovery } from "./invite-new-shamir-recovery.ts";
import { inviteNewUser } from "./invite-new-user.ts";
import { listFrozenUsers } from "./list-frozen-users.ts";
import { organizationInfo } from "./organization-info.ts";
import { ping } from "./ping.ts";
import { realmCreate } from "./realm-create.ts";
import { realmGetKeysBundle } from "./realm-get-keys-bundle.ts";
import { realmRename } from "./realm-rename.ts";
import { realmRotateKey } from "./realm-rotate-key.ts";
import { realmSelfPromoteToOwner } from "./realm-self-promote-to-owner.ts";
import { realmShare } from "./realm-share.ts";
import { realmUnshare } from "./realm-unshare.ts";
import { realmUpdateArchiving } from "./realm-update-archiving.ts";
import { shamirRecoveryDelete } from "./shamir-recovery-delete.ts";
import { shamirRecoverySetup } from "./shamir-recovery-setup.ts";
import { totpCreateOpaqueKey } from "./totp-create-opaque-key.ts";
import { totpSetupConfirm } from "./totp-setup-confirm.ts";
import { totpSetupGetSecret } from "./totp-setup-get-secret.ts";
import { userCreate } from "./user-create.ts";
import { userRevoke } from "./user-revoke.ts";
import { userUpdate } from "./user-update.ts";
import { vlobCreate } from "./vlob-create.ts";
import { vlobPollChanges } from "./vlob-poll-changes.ts";
import { vlobReadBatch } from "./vlob-read-batch.ts";
import { vlobReadVersions } from "./vlob-read-versions.ts";
import { vlobUpdate } from "./vlob-update.ts";

/** The authenticated commands, by their name on the wire (spec 05 §13.1). */
export const authenticatedCommands = {
  async_enrollment_accept: asyncEnrollmentAccept,
  async_enrollment_list: asyncEnrollmentList,
  async_enrollment_reject: asyncEnrollmentReject,
  block_create: blockCreate,
  block_read: blockRead,
  certificate_get: certificateGet,
  cryptpad_register_session: cryptpadRegisterSession,
  device_create: deviceCreate,
  events_listen: eventsListen,
  invite_cancel: inviteCancel,
  invite_complete: inviteComplete,
  invite_greeter_cancel_greeting_attempt: inviteGreeterCancelGreetingAttempt,
  invite_greeter_start_greeting_attempt: inviteGreeterStartGreetingAttempt,
  invite_greeter_step: inviteGreeterStep,
  invite_list: inviteList,
  invite_new_device: inviteNewDevice,
  invite_new_shamir_recovery: inviteNewShamirRecovery,
  invite_new_user: inviteNewUser,
  list_frozen_users: listFrozenUsers,
  organization_info: organizationInfo,
  ping,
  realm_create: realmCreate,
  realm_get_keys_bundle: realmGetKeysBundle,
  realm_rename: realmRename,
  realm_rotate_key: realmRotateKey,
  realm_self_promote_to_owner: realmSelfPromoteToOwner,
  realm_share: realmShare,
  realm_unshare: realmUnshare,
  realm_update_archiving: realmUpdateArchiving,
  shamir_recovery_delete: shamirRecoveryDelete,
  shamir_recovery_setup: shamirRecoverySetup,
  totp_create_opaque_key: totpCreateOpaqueKey,
  totp_setup_confirm: totpSetupConfirm,
  totp_setup_get_secret: totpSetupGetSecret,
  user_create: userCreate,
  user_revoke: userRevoke,
  user_update: userUpdate,
  vlob_create: vlobCreate,
  vlob_poll_changes: vlobPollChanges,
  vlob_read_batch: vlobReadBatch,
  vlob_read_versions: vlobReadVersions,
  vlob_update: vlobUpdate,
} as const;
