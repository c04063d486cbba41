import { type Infer, tagged } from "../codec/index.ts";
import { SequesterVerifyKeyDerCodec } from "../keys.ts";
import { DateTime } from "../time.ts";

/** The RSA key that signs the sequester services. It has no author: the root key signs it, at bootstrap (spec 04 §2.9). */
export const SequesterAuthorityCertificate = /* @__PURE__ */ tagged("type", "sequester_authority_certificate", {
  timestamp: DateTime,
  verifyKeyDer: SequesterVerifyKeyDerCodec,
});
export type SequesterAuthorityCertificate = Infer<typeof SequesterAuthorityCertificate>;
