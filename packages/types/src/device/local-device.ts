import type { SecretKey } from "@parsec/crypto";
import { ParsecAddr } from "../address/server-address.ts";
import { type Infer, tagged } from "../codec/index.ts";
import { DeviceLabel } from "../device-label.ts";
import { UserProfile } from "../enumerations.ts";
import { decryptAndLoadPlain, encodeAndEncrypt } from "../envelope.ts";
import { HumanHandle } from "../human-handle.ts";
import { DeviceId, UserId, VlobId } from "../ids.ts";
import { PrivateKeyCodec, SecretKeyCodec, SigningKeyCodec, VerifyKeyCodec } from "../keys.ts";
import { OrganizationId } from "../organization-id.ts";

/** Everything that a device is: who, where, and its keys (spec 04 §10). Plain msgpack. */
export const LocalDevice = /* @__PURE__ */ tagged("type", "local_device", {
  serverUrl: ParsecAddr,
  organizationId: OrganizationId,
  rootVerifyKey: VerifyKeyCodec,
  userId: UserId,
  deviceId: DeviceId,
  deviceLabel: DeviceLabel,
  humanHandle: HumanHandle,
  signingKey: SigningKeyCodec,
  privateKey: PrivateKeyCodec,
  initialProfile: UserProfile,
  userRealmId: VlobId,
  userRealmKey: SecretKeyCodec,
  localSymkey: SecretKeyCodec,
});
export type LocalDevice = Infer<typeof LocalDevice>;

/** Encrypted with the key that a device file, a recovery setup or the account vault protects. */
export function sealLocalDevice(key: SecretKey, device: LocalDevice): Uint8Array<ArrayBuffer> {
  return encodeAndEncrypt(LocalDevice, device, key);
}

/**
 * Opens {@link sealLocalDevice}.
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export function openLocalDevice(encrypted: Uint8Array, key: SecretKey): LocalDevice {
  return decryptAndLoadPlain(LocalDevice, encrypted, key);
}
