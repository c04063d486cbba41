import { type Infer, nullable, tagged } from "../codec/index.ts";
import { RealmRole } from "../enumerations.ts";
import { DeviceId, UserId, VlobId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Gives a user a role in a realm, or none: null takes the access away (spec 04 §2.5). The first one creates the realm. */
export const RealmRoleCertificate = /* @__PURE__ */ tagged("type", "realm_role_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  realmId: VlobId,
  userId: UserId,
  role: /* @__PURE__ */ nullable(RealmRole),
});
export type RealmRoleCertificate = Infer<typeof RealmRoleCertificate>;
