import { accountDeleteProceed } from "./account-delete-proceed.ts";
import { accountDeleteSendValidationEmail } from "./account-delete-send-validation-email.ts";
import { accountInfo } from "./account-info.ts";
import { authMethodCreate } from "./auth-method-create.ts";
import { authMethodDisable } from "./auth-method-disable.ts";
import { authMethodList } from "./auth-method-list.ts";
import { inviteSelfList } from "./invite-self-list.ts";
import { organizationSelfList } from "./organization-self-list.ts";
import { accountPing } from "./ping.ts";
import { vaultItemList } from "./vault-item-list.ts";
import { vaultItemRecoveryList } from "./vault-item-recovery-list.ts";
import { vaultItemUpload } from "./vault-item-upload.ts";
import { vaultKeyRotation } from "./vault-key-rotation.ts";

/** The authenticated account commands, by their name on the wire (spec 05 §13.6). */
export const authenticatedAccountCommands = {
  account_delete_proceed: accountDeleteProceed,
  account_delete_send_validation_email: accountDeleteSendValidationEmail,
  account_info: accountInfo,
  auth_method_create: authMethodCreate,
  auth_method_disable: authMethodDisable,
  auth_method_list: authMethodList,
  invite_self_list: inviteSelfList,
  organization_self_list: organizationSelfList,
  ping: accountPing,
  vault_item_list: vaultItemList,
  vault_item_recovery_list: vaultItemRecoveryList,
  vault_item_upload: vaultItemUpload,
  vault_key_rotation: vaultKeyRotation,
} as const;
