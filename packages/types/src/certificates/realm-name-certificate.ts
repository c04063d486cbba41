import { Bytes, Index, type Infer, tagged } from "../codec/index.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Names a realm; the name is encrypted with the realm key of `keyIndex` (spec 04 §2.7). */
export const RealmNameCertificate = /* @__PURE__ */ tagged("type", "realm_name_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  realmId: VlobId,
  keyIndex: Index,
  encryptedName: Bytes,
});
export type RealmNameCertificate = Infer<typeof RealmNameCertificate>;
