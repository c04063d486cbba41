import { Bytes, DateTime, list, map, nullable, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Fetches the certificates of every topic that the caller may see. Each filter means "strictly after", null means
 * all; a realm absent from `realmAfter` comes whole, and one without news is left out of the reply. An OUTSIDER
 * gets redacted user and device certificates (spec 05 §13.1).
 */
export const certificateGet = /* @__PURE__ */ command("authenticated", "certificate_get", () => ({
  request: {
    commonAfter: nullable(DateTime),
    sequesterAfter: nullable(DateTime),
    shamirRecoveryAfter: nullable(DateTime),
    realmAfter: map(VlobId, DateTime),
  },
  replies: {
    ok: {
      commonCertificates: list(Bytes),
      sequesterCertificates: list(Bytes),
      shamirRecoveryCertificates: list(Bytes),
      realmCertificates: map(VlobId, list(Bytes)),
    },
  },
}));
export type CertificateGetRequest = RequestOf<typeof certificateGet>;
export type CertificateGetReply = ReplyOf<typeof certificateGet>;
