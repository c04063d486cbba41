import { SecretKey } from "@parsec/crypto";
import { totpFetchOpaqueKey } from "@parsec/protocol";
import { DateTime } from "@parsec/types";
import { isValidOneTimePassword } from "../../rules/one-time-password.ts";
import { anonymous, Persisted } from "../handler.ts";

const second = 1_000_000;
const invalid = { status: "invalid_one_time_password" } as const;

/** Spec 08b §1.6. Each failure doubles the time to wait before the next attempt; it is kept although the reply is an error. */
export const totpFetchOpaqueKeyHandler = anonymous(totpFetchOpaqueKey).inTransaction(async (scope, request) => {
  const { tx, organizationId, now } = scope;
  const { userId, opaqueKeyId, oneTimePassword } = request;
  const user = await tx.users.find(organizationId, userId);
  if (user === undefined || user.revocation !== null || user.frozen) return invalid;
  const { completed, secret } = await tx.totp.setup(organizationId, userId);
  const key = await tx.totp.findKey(organizationId, opaqueKeyId);
  if (!completed || secret === null || key?.userId !== userId) return invalid;

  const { failedAttempts, lastFailedAttempt } = key;
  if (failedAttempts > 0 && lastFailedAttempt !== null) {
    const waitUntil = lastFailedAttempt + 2 ** (failedAttempts - 1) * second;
    if (now <= waitUntil) return { status: "throttled", waitUntil: DateTime.fromMicros(waitUntil) };
  }
  if (!isValidOneTimePassword(secret, oneTimePassword, now)) {
    const failed = { ...key, failedAttempts: failedAttempts + 1, lastFailedAttempt: now };
    await tx.totp.putKey(organizationId, failed);
    return new Persisted(invalid);
  }
  await tx.totp.putKey(organizationId, { ...key, failedAttempts: 0 });
  return { status: "ok", opaqueKey: SecretKey.fromBytes(key.opaqueKey) };
});
