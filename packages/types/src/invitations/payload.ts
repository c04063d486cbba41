import type { SecretKey } from "@parsec/crypto";
import { type Codec, type Infer, oneOf } from "../codec/index.ts";
import { decryptAndLoad, dumpAndEncrypt } from "../envelope.ts";
import { InviteDeviceConfirmation, InviteDeviceData } from "./invite-device.ts";
import { InviteShamirRecoveryConfirmation, InviteShamirRecoveryData } from "./invite-shamir-recovery.ts";
import { InviteUserConfirmation, InviteUserData } from "./invite-user.ts";

const InvitePayload = /* @__PURE__ */ oneOf(
  InviteUserData,
  InviteUserConfirmation,
  InviteDeviceData,
  InviteDeviceConfirmation,
  InviteShamirRecoveryData,
  InviteShamirRecoveryConfirmation,
);
/** What the two ends of a greeting send to each other in its last steps (spec 04 §7). */
export type InvitePayload = Infer<typeof InvitePayload>;

/** Encrypted with the key that both ends share, not signed. */
export function sealInvitePayload(sharedKey: SecretKey, payload: InvitePayload): Uint8Array<ArrayBuffer> {
  return dumpAndEncrypt(InvitePayload, payload, sharedKey);
}

/**
 * Opens {@link sealInvitePayload} with the codec of the payload to expect.
 * @throws DecryptionError the attempt is then cancelled with `UNDECIPHERABLE_PAYLOAD`
 * @throws BadSerializationError the attempt is then cancelled with `UNDESERIALIZABLE_PAYLOAD`
 */
export function openInvitePayload<T extends InvitePayload>(
  codec: Codec<T>,
  encrypted: Uint8Array,
  sharedKey: SecretKey,
): T {
  return decryptAndLoad(codec, encrypted, sharedKey);
}
