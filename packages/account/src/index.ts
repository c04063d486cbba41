export type { Account, AccountOrganizations } from "./account.ts";
export type { AuthMethodInfo, AuthMethods } from "./auth-methods.ts";
export { checkCreationCode, createAccount, type NewAccount, sendCreationCode } from "./create-account.ts";
export type { Credentials, NewCredentials } from "./credentials.ts";
export {
  AccountError,
  type AccountErrorCode,
  EmailRateLimitedError,
  type LogInErrorCode,
  type NewAccountErrorCode,
  type SendCodeErrorCode,
  type ValidationErrorCode,
} from "./errors.ts";
export { logIn } from "./log-in.ts";
export { accountVaultKeys } from "./opaque-key-store.ts";
export { type AccountRecovery, recoverAccount, sendRecoveryCode } from "./recover-account.ts";
export type { AccountServer } from "./server.ts";
export type { OrganizationUser } from "./vault/registration-devices.ts";
export type { RestoredVault } from "./vault/restore-previous.ts";
export type { RotateKeyOptions } from "./vault/rotate-key.ts";
export type { Vault } from "./vault/vault.ts";
