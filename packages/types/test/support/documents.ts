import * as t from "../../src/index.ts";

/** The codec of each of the 46 types of the schema, by its `type`. */
export const documents: Readonly<Record<string, t.TaggedCodec<string, string, object>>> = Object.fromEntries(
  [
    t.AccountVaultItemOpaqueKey,
    t.AccountVaultItemOpaqueKeyEncryptedData,
    t.AccountVaultItemRegistrationDevice,
    t.AccountVaultKeyAccess,
    t.AsyncEnrollmentAcceptPayload,
    t.AsyncEnrollmentLocalPending,
    t.AsyncEnrollmentLocalPendingCleartextContent,
    t.AsyncEnrollmentSubmitPayload,
    t.DeviceCertificate,
    t.RealmArchivingCertificate,
    t.RealmKeyRotationCertificate,
    t.RealmNameCertificate,
    t.RealmRoleCertificate,
    t.RevokedUserCertificate,
    t.SequesterAuthorityCertificate,
    t.SequesterRevokedServiceCertificate,
    t.SequesterServiceCertificate,
    t.ShamirRecoveryBriefCertificate,
    t.ShamirRecoveryDeletionCertificate,
    t.ShamirRecoveryShareCertificate,
    t.UserCertificate,
    t.UserUpdateCertificate,
    t.CryptpadSessionKey,
    t.InviteDeviceConfirmation,
    t.InviteDeviceData,
    t.InviteShamirRecoveryConfirmation,
    t.InviteShamirRecoveryData,
    t.InviteUserConfirmation,
    t.InviteUserData,
    t.DeviceFileAccountVault,
    t.DeviceFileKeyring,
    t.DeviceFileOpenBao,
    t.DeviceFilePassword,
    t.DeviceFilePki,
    t.DeviceFileRecovery,
    t.LocalDevice,
    t.LocalFileManifest,
    t.LocalFolderManifest,
    t.LocalUserManifest,
    t.FileManifest,
    t.FolderManifest,
    t.UserManifest,
    t.RealmKeysBundle,
    t.RealmKeysBundleAccess,
    t.ShamirRecoverySecret,
    t.ShamirRecoveryShareData,
  ].map((codec) => [codec.value, codec]),
);

export function documentCodec(type: string): t.TaggedCodec<string, string, object> {
  const codec = documents[type];
  if (codec === undefined) throw new Error(`no codec for ${type}`);
  return codec;
}
