import { ParsecAddr } from "../address/server-address.ts";
import { Bytes, encode, type Infer, nonRequired, nullable, oneOf, Str, tagged } from "../codec/index.ts";
import { loadPlain } from "../container.ts";
import { DeviceLabel } from "../device-label.ts";
import { PkiEncryptionAlgorithm } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { AccountVaultItemOpaqueKeyId, DeviceId, TotpOpaqueKeyId, UserId } from "../ids.ts";
import { OrganizationId } from "../organization-id.ts";
import { TrustedPasswordAlgorithm } from "../password-algorithm.ts";
import { DateTime } from "../time.ts";
import { X509CertificateReference } from "../x509.ts";

// The device files of spec 06, one variant for each protection, told apart by `type`. Plain msgpack. `ciphertext` is a
// local device, encrypted with the key that the protection gives.

const about = {
  createdOn: DateTime,
  protectedOn: DateTime,
  serverUrl: ParsecAddr,
  organizationId: OrganizationId,
  userId: UserId,
  deviceId: DeviceId,
  humanHandle: HumanHandle,
  deviceLabel: DeviceLabel,
};

/** Since 3.8; null when the file has no second factor. */
const totp = { totpOpaqueKeyId: /* @__PURE__ */ nonRequired(/* @__PURE__ */ nullable(TotpOpaqueKeyId)) };

export const DeviceFilePassword = /* @__PURE__ */ tagged("type", "password", {
  ...about,
  algorithm: TrustedPasswordAlgorithm,
  ciphertext: Bytes,
  ...totp,
});
export type DeviceFilePassword = Infer<typeof DeviceFilePassword>;

/** The key is in the keyring of the operating system. */
export const DeviceFileKeyring = /* @__PURE__ */ tagged("type", "keyring", {
  ...about,
  keyringService: Str,
  keyringUser: Str,
  ciphertext: Bytes,
  ...totp,
});
export type DeviceFileKeyring = Infer<typeof DeviceFileKeyring>;

/** The key is a passphrase that the user keeps. */
export const DeviceFileRecovery = /* @__PURE__ */ tagged("type", "recovery", { ...about, ciphertext: Bytes });
export type DeviceFileRecovery = Infer<typeof DeviceFileRecovery>;

/** The key is encrypted for an X.509 certificate, usually of a smart card. */
export const DeviceFilePki = /* @__PURE__ */ tagged("type", "pki", {
  ...about,
  certificateRef: X509CertificateReference,
  algorithm: PkiEncryptionAlgorithm,
  encryptedKey: Bytes,
  ciphertext: Bytes,
  totpOpaqueKeyId: /* @__PURE__ */ nullable(TotpOpaqueKeyId),
});
export type DeviceFilePki = Infer<typeof DeviceFilePki>;

/** The key is in the vault of a Parsec account. */
export const DeviceFileAccountVault = /* @__PURE__ */ tagged("type", "account_vault", {
  ...about,
  ciphertextKeyId: AccountVaultItemOpaqueKeyId,
  ciphertext: Bytes,
  ...totp,
});
export type DeviceFileAccountVault = Infer<typeof DeviceFileAccountVault>;

/** The key is in an OpenBao secret store. */
export const DeviceFileOpenBao = /* @__PURE__ */ tagged("type", "openbao", {
  ...about,
  ciphertext: Bytes,
  openbaoPreferredAuthId: Str,
  openbaoEntityId: Str,
  openbaoCiphertextKeyPath: Str,
  ...totp,
});
export type DeviceFileOpenBao = Infer<typeof DeviceFileOpenBao>;

export const DeviceFile = /* @__PURE__ */ oneOf(
  DeviceFileKeyring,
  DeviceFilePassword,
  DeviceFileRecovery,
  DeviceFilePki,
  DeviceFileAccountVault,
  DeviceFileOpenBao,
);
export type DeviceFile = Infer<typeof DeviceFile>;

export function dumpDeviceFile(file: DeviceFile): Uint8Array<ArrayBuffer> {
  return encode(DeviceFile, file);
}

/** @throws BadSerializationError */
export function loadDeviceFile(bytes: Uint8Array): DeviceFile {
  return loadPlain(DeviceFile, bytes);
}
