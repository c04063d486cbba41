import { AccessToken, Bytes, nullable, VerifyKeyCodec } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Creates the first user of an organization, an ADMIN, and fixes its root key. The token is null for a spontaneous
 * bootstrap. The certificates have no author: the root key signs them, with one timestamp (spec 05 §13.4).
 */
export const organizationBootstrap = /* @__PURE__ */ command("anonymous", "organization_bootstrap", () => ({
  request: {
    bootstrapToken: nullable(AccessToken),
    rootVerifyKey: VerifyKeyCodec,
    userCertificate: Bytes,
    deviceCertificate: Bytes,
    redactedUserCertificate: Bytes,
    redactedDeviceCertificate: Bytes,
    sequesterAuthorityCertificate: nullable(Bytes),
  },
  replies: {
    ok: {},
    invalid_certificate: {},
    organization_already_bootstrapped: {},
    invalid_bootstrap_token: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
  },
}));
export type OrganizationBootstrapRequest = RequestOf<typeof organizationBootstrap>;
export type OrganizationBootstrapReply = ReplyOf<typeof organizationBootstrap>;
