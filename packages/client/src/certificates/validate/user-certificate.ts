import type { DeviceCertificate, UserCertificate } from "@parsec/types";
import { commonTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkAuthorAdmin, checkNewer, type Violation } from "./checks.ts";

/** Spec 09a §4.1. `author` is `null` when the organization's root key signed. */
export function validateUserCertificate(
  view: CertificateView,
  certificate: UserCertificate,
  author: DeviceCertificate | null,
): Violation {
  const { timestamp, userId } = certificate;
  return (
    checkNewer(view, commonTopic, timestamp) ??
    (author === null ? checkRootSigns(view, certificate) : checkAuthorAdmin(view, author, timestamp)) ??
    (view.user(userId) === undefined ? undefined : { rule: "CONTENT_ALREADY_EXISTS" })
  );
}

/** Root signs only the first user, at the date at which it signed the sequester authority, if there is one. */
function checkRootSigns(view: CertificateView, { timestamp }: UserCertificate): Violation {
  if (view.last(commonTopic) !== undefined) return { rule: "ROOT_SIGNATURE_OUT_OF_BOOTSTRAP" };
  const authority = view.sequesterAuthority();
  if (authority === undefined || authority.timestamp === timestamp) return undefined;
  return { rule: "ROOT_SIGNATURE_TIMESTAMP_MISMATCH", lastRootSignatureTimestamp: authority.timestamp };
}
