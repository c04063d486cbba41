import { type Infer, Str, tagged } from "../codec/index.ts";
import { SequesterServiceId } from "../ids.ts";
import { SequesterPublicKeyDerCodec } from "../keys.ts";
import { DateTime } from "../time.ts";

/** A service that gets an access to every later realm key. Signed by the sequester authority (spec 04 §2.9). */
export const SequesterServiceCertificate = /* @__PURE__ */ tagged("type", "sequester_service_certificate", {
  timestamp: DateTime,
  serviceId: SequesterServiceId,
  serviceLabel: Str,
  encryptionKeyDer: SequesterPublicKeyDerCodec,
});
export type SequesterServiceCertificate = Infer<typeof SequesterServiceCertificate>;
