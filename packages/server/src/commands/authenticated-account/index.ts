import type { Handler } from "../handler.ts";
import type { AccountCaller } from "../scope.ts";
import { accountDeleteProceedHandler } from "./account-delete-proceed.ts";
import { accountDeleteSendValidationEmailHandler } from "./account-delete-send-validation-email.ts";
import { accountInfoHandler } from "./account-info.ts";
import { authMethodCreateHandler } from "./auth-method-create.ts";
import { authMethodDisableHandler } from "./auth-method-disable.ts";
import { authMethodListHandler } from "./auth-method-list.ts";
import { inviteSelfListHandler } from "./invite-self-list.ts";
import { organizationSelfListHandler } from "./organization-self-list.ts";
import { accountPingHandler } from "./ping.ts";
import { vaultItemListHandler } from "./vault-item-list.ts";
import { vaultItemRecoveryListHandler } from "./vault-item-recovery-list.ts";
import { vaultItemUploadHandler } from "./vault-item-upload.ts";
import { vaultKeyRotationHandler } from "./vault-key-rotation.ts";

/** The commands of the family. */
export const authenticatedAccountHandlers: readonly Handler<AccountCaller>[] = [
  accountDeleteProceedHandler,
  accountDeleteSendValidationEmailHandler,
  accountInfoHandler,
  authMethodCreateHandler,
  authMethodDisableHandler,
  authMethodListHandler,
  inviteSelfListHandler,
  organizationSelfListHandler,
  accountPingHandler,
  vaultItemListHandler,
  vaultItemRecoveryListHandler,
  vaultItemUploadHandler,
  vaultKeyRotationHandler,
];
