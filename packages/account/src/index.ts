export type { Account, AccountOrganizations } from "./account.ts";
export type { AuthMethodInfo, AuthMethods } from "./auth-methods.ts";
export { checkCreationCode, createAccount, type NewAccount, sendCreationCode } from "./create-account.ts";
export type { Credentials, NewCredentials } from "./credentials.ts";
export {
  AccountError,
  type AccountErrorCode,
  type CodeError,
  type DisableAuthMethodError,
  EmailRateLimitedError,
  type FetchKeyError,
  type FetchRegistrationDeviceError,
  type LoggedInError,
  type LogInError,
  type NewAccountError,
  type NewAuthMethodError,
  type NewPasswordError,
  type RestoreVaultError,
  type RotateKeyError,
  type SendCodeError,
  type UploadRegistrationDeviceError,
  type VaultError,
} from "./errors.ts";
export { logIn } from "./log-in.ts";
export { accountVaultKeys } from "./opaque-key-store.ts";
export { type AccountRecovery, recoverAccount, sendRecoveryCode } from "./recover-account.ts";
export type { AccountServer } from "./server.ts";
export type { OrganizationUser } from "./vault/registration-devices.ts";
export type { RestoredVault } from "./vault/restore-previous.ts";
export type { RotateKeyOptions } from "./vault/rotate-key.ts";
export type { Vault } from "./vault/vault.ts";
