import { type Infer, tagged } from "../codec/index.ts";
import { SequesterServiceId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Ends a sequester service: it gets no access to later keys. Signed by the sequester authority (spec 04 §2.9). */
export const SequesterRevokedServiceCertificate = /* @__PURE__ */ tagged(
  "type",
  "sequester_revoked_service_certificate",
  { timestamp: DateTime, serviceId: SequesterServiceId },
);
export type SequesterRevokedServiceCertificate = Infer<typeof SequesterRevokedServiceCertificate>;
