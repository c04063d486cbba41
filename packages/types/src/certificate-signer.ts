import { type Infer, named, nullable } from "./codec/index.ts";
import { DeviceId } from "./ids.ts";

/** Who signed a certificate: a device, or null for the root key of the organization (spec 02 §7.2). */
export const CertificateSigner = /* @__PURE__ */ named("CertificateSigner", /* @__PURE__ */ nullable(DeviceId));
export type CertificateSigner = Infer<typeof CertificateSigner>;
