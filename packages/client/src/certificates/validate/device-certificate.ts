import type { DeviceCertificate } from "@parsec/types";
import { commonTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import {
  checkAuthorActive,
  checkAuthorAdmin,
  checkNewer,
  checkNotOlder,
  checkUserActive,
  checkUserExists,
  type Violation,
} from "./checks.ts";

/** Spec 09a §4.2. `author` is `null` when the organization's root key signed. */
export function validateDeviceCertificate(
  view: CertificateView,
  certificate: DeviceCertificate,
  author: DeviceCertificate | null,
): Violation {
  const { timestamp, userId, deviceId } = certificate;
  const isFirstDevice = author === null || author.userId !== userId;
  return (
    (isFirstDevice ? checkNotOlder : checkNewer)(view, commonTopic, timestamp) ??
    checkAuthor(view, certificate, author) ??
    checkUserExists(view, userId, timestamp) ??
    (isFirstDevice ? checkFirstDevice(view, certificate) : undefined) ??
    checkUserActive(view, userId, timestamp) ??
    (view.device(deviceId) === undefined ? undefined : { rule: "CONTENT_ALREADY_EXISTS" })
  );
}

function checkAuthor(
  view: CertificateView,
  { timestamp, userId }: DeviceCertificate,
  author: DeviceCertificate | null,
): Violation {
  if (author === null) return undefined;
  return author.userId === userId
    ? checkAuthorActive(view, author, timestamp)
    : checkAuthorAdmin(view, author, timestamp);
}

/** A user and their first device are made together: same author, same date. */
function checkFirstDevice(view: CertificateView, { author, timestamp, userId }: DeviceCertificate): Violation {
  const user = view.user(userId);
  if (user?.author !== author) return { rule: "USER_FIRST_DEVICE_AUTHOR_MISMATCH" };
  return user.timestamp === timestamp
    ? undefined
    : { rule: "USER_FIRST_DEVICE_TIMESTAMP_MISMATCH", userTimestamp: user.timestamp };
}
