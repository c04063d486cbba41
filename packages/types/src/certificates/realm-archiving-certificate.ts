import { type Infer, tagged } from "../codec/index.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { RealmArchivingConfiguration } from "../realm-archiving-configuration.ts";
import { DateTime } from "../time.ts";

/** Archives a realm, plans its deletion, or makes it available again (spec 04 §2.8). */
export const RealmArchivingCertificate = /* @__PURE__ */ tagged("type", "realm_archiving_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  realmId: VlobId,
  configuration: RealmArchivingConfiguration,
});
export type RealmArchivingCertificate = Infer<typeof RealmArchivingCertificate>;
