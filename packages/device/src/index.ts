import * as platform from "#platform";
import type { TokenCertificate } from "./pki/listed-certificate.ts";
import type { OpenTokenKeyOptions, TokenOptions } from "./pki/token.ts";
import type { X509Key } from "./pki/x509-key.ts";
import type { DeviceStore } from "./store/port.ts";
import type { SystemName } from "./system-name.ts";

export {
  type EnrollmentKeys,
  type EnrollmentRequest,
  listPendingEnrollments,
  openPendingEnrollment,
  type PendingEnrollment,
  removePendingEnrollment,
  savePendingEnrollment,
} from "./enrollment/pending-enrollment.ts";
export {
  BadAccessStrategyError,
  type ChangeProtectionErrorCode,
  DeviceError,
  type DeviceErrorCode,
  DeviceStoreError,
  type DeviceStoreErrorCode,
  type ListDevicesErrorCode,
  type LoadDeviceErrorCode,
  type LoadHeaderErrorCode,
  type LoadRecoveryErrorCode,
  type OpaqueKeyServer,
  RemoteOpaqueKeyError,
  type RemoteOpaqueKeyErrorCode,
  type RemoveDeviceErrorCode,
  type SaveDeviceErrorCode,
} from "./errors.ts";
export type { AvailableDevice, AvailableProtection } from "./file/available-device.ts";
export { type ChangeOptions, changeProtection, overwriteServerAddress } from "./file/change-protection.ts";
export { listDevices, loadAvailableDevice } from "./file/list-devices.ts";
export { loadDevice, unlockDevice } from "./file/load-device.ts";
export {
  listPreparedDevices,
  listRefusedDevices,
  loadUnprotected,
  type PreparedDevice,
  prepareDevice,
  prepareUnprotected,
  protectDevice,
} from "./file/prepared-device.ts";
export { archiveDevice, removeDeviceFile } from "./file/remove-device.ts";
export { type SaveDeviceOptions, saveDevice } from "./file/save-device.ts";
export { OpenBaoClient, type OpenBaoClientOptions } from "./openbao/client.ts";
export { OpenBaoError, type OpenBaoErrorCode } from "./openbao/errors.ts";
export type { OpenBaoHttpOptions } from "./openbao/http.ts";
export { openBaoKeys } from "./openbao/keys.ts";
export {
  finishOpenBaoLogin,
  type OpenBaoLogin,
  type OpenBaoLoginOptions,
  startOpenBaoLogin,
} from "./openbao/login.ts";
export {
  humanHandleOf,
  type X509CertificateDetails,
  type X509Name,
  type X509Names,
  x509CertificateDetails,
  x509CertificateReference,
  x509Names,
} from "./pki/certificate.ts";
export { type CertificateChain, verifyCertificateChain } from "./pki/chain.ts";
export {
  type InvalidCertificateReason,
  InvalidX509CertificateError,
  PkiError,
  type PkiErrorCode,
} from "./pki/errors.ts";
export { pemX509Key, pkcs12X509Key } from "./pki/key-files.ts";
export type { TokenCertificate } from "./pki/listed-certificate.ts";
export { verifyWithCertificate } from "./pki/rsa.ts";
export {
  type ScwsBridge,
  type ScwsCertificate,
  type ScwsChallenge,
  type ScwsEnvironment,
  type SmartcardService,
  type SmartcardServiceOptions,
  smartcardService,
} from "./pki/scws.ts";
export { softwareX509Key } from "./pki/software-key.ts";
export type { OpenTokenKeyOptions, TokenOptions } from "./pki/token.ts";
export { type WebCryptoKeys, webCryptoX509Key } from "./pki/webcrypto-key.ts";
export type { X509Key } from "./pki/x509-key.ts";
export { accountVault } from "./protection/account-vault.ts";
export {
  type AdvisedProtection,
  type Conformity,
  checkProtection,
  parseAdvisedProtections,
} from "./protection/advisory.ts";
export { isKeyringAvailable, type KeyringOptions, keyring } from "./protection/keyring.ts";
export { type KeyringBackend, memoryKeyring } from "./protection/keyring-backend.ts";
export type { OpaqueKeyStore } from "./protection/opaque-key-store.ts";
export { type OpenBaoProtection, openBao } from "./protection/openbao.ts";
export { password } from "./protection/password.ts";
export type {
  NewKey,
  ProtectedFile,
  Protection,
  ProtectionFields,
  ProtectionType,
  ProtectOptions,
  SaveStrategy,
  TotpKey,
} from "./protection/protection.ts";
export { smartcard } from "./protection/smartcard.ts";
export { withTotp } from "./protection/totp.ts";
export { createRecoveryFile, newDeviceOfUser, openRecoveryFile, type RecoveryFile } from "./recovery/recovery-file.ts";
export { memoryDeviceStore } from "./store/memory.ts";
export type { DeviceStore } from "./store/port.ts";
export type { SystemName } from "./system-name.ts";
export { TotpError, type TotpErrorCode, TotpThrottledError } from "./totp/errors.ts";
export { oneTimePassword, type TotpSecret, totpSecret } from "./totp/secret.ts";
export {
  confirmTotp,
  confirmTotpReset,
  createTotpKey,
  fetchTotpKey,
  resetTotpSecret,
  type TotpProtected,
  type TotpStatus,
  totpStatus,
} from "./totp/setup.ts";

/** The configuration and data folders of this platform (spec 06 §2.1). */
export interface BaseFolders {
  readonly config: string;
  readonly data: string;
}

/**
 * The configuration files in a folder: of the file system on Node (readable by its owner only), of the origin private
 * file system in a browser.
 */
export const fileDeviceStore: (dir: string) => DeviceStore = platform.fileDeviceStore;

/** Where the reference client keeps its files on this machine; environment variables may move them. */
export const defaultFolders: () => BaseFolders = platform.defaultFolders;

/** What this runs on: a frontend offers a keyring here, a smart card there. */
export const systemName: () => SystemName = () => platform.systemName();

/**
 * The certificates on the smart cards that are there, unusable ones with the reason. Node only, with `graphene-pk11`.
 * @throws PkiError NATIVE_MODULE_MISSING, TOKEN_UNAVAILABLE
 */
export const listTokenCertificates: (options: TokenOptions) => Promise<readonly TokenCertificate[]> =
  platform.listTokenCertificates;

/**
 * A certificate on a smart card, with its private key: for `smartcard`. Node only, with `graphene-pk11`.
 * @throws PkiError NATIVE_MODULE_MISSING, TOKEN_UNAVAILABLE, CERTIFICATE_NOT_FOUND, PRIVATE_KEY_NOT_FOUND, BAD_SECRET
 */
export const openTokenKey: (options: OpenTokenKeyOptions) => Promise<X509Key> = platform.openTokenKey;
