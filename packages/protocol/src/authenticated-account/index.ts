export {
  type AccountDeleteProceedReply,
  type AccountDeleteProceedRequest,
  accountDeleteProceed,
} from "./account-delete-proceed.ts";
export {
  type AccountDeleteSendValidationEmailReply,
  type AccountDeleteSendValidationEmailRequest,
  accountDeleteSendValidationEmail,
} from "./account-delete-send-validation-email.ts";
export { type AccountInfoReply, type AccountInfoRequest, accountInfo } from "./account-info.ts";
export { type AuthMethodCreateReply, type AuthMethodCreateRequest, authMethodCreate } from "./auth-method-create.ts";
export {
  type AuthMethodDisableReply,
  type AuthMethodDisableRequest,
  authMethodDisable,
} from "./auth-method-disable.ts";
export {
  AuthMethod,
  type AuthMethodListReply,
  type AuthMethodListRequest,
  authMethodList,
} from "./auth-method-list.ts";
export { authenticatedAccountCommands } from "./commands.ts";
export { type InviteSelfListReply, type InviteSelfListRequest, inviteSelfList } from "./invite-self-list.ts";
export {
  type OrganizationSelfListReply,
  type OrganizationSelfListRequest,
  organizationSelfList,
  SelfActiveUser,
  SelfOrganizationConfig,
  SelfRevokedUser,
} from "./organization-self-list.ts";
export { type AccountPingReply, type AccountPingRequest, accountPing } from "./ping.ts";
export { type VaultItemListReply, type VaultItemListRequest, vaultItemList } from "./vault-item-list.ts";
export {
  VaultItemRecoveryAuthMethod,
  type VaultItemRecoveryListReply,
  type VaultItemRecoveryListRequest,
  VaultItemRecoveryVault,
  vaultItemRecoveryList,
} from "./vault-item-recovery-list.ts";
export { type VaultItemUploadReply, type VaultItemUploadRequest, vaultItemUpload } from "./vault-item-upload.ts";
export { type VaultKeyRotationReply, type VaultKeyRotationRequest, vaultKeyRotation } from "./vault-key-rotation.ts";
