import { Bytes, Index, type Infer, literals, tagged } from "../codec/index.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Announces a new key of a realm, of index `keyIndex` (1 for the first), with a canary to check it (spec 04 §2.6). */
export const RealmKeyRotationCertificate = /* @__PURE__ */ tagged("type", "realm_key_rotation_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  realmId: VlobId,
  keyIndex: Index,
  encryptionAlgorithm: /* @__PURE__ */ literals(["BLAKE2_XSALSA20_POLY1305"]),
  hashAlgorithm: /* @__PURE__ */ literals(["SHA256"]),
  keyCanary: Bytes,
});
export type RealmKeyRotationCertificate = Infer<typeof RealmKeyRotationCertificate>;
