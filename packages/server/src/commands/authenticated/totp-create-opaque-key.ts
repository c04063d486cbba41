import { SecretKey } from "@parsec/crypto";
import { totpCreateOpaqueKey } from "@parsec/protocol";
import { TotpOpaqueKeyId } from "@parsec/types";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.8. Works before one-time passwords are set up. */
export const totpCreateOpaqueKeyHandler = authenticated(totpCreateOpaqueKey).inTransaction(async (scope) => {
  const opaqueKeyId = TotpOpaqueKeyId.generate();
  const opaqueKey = SecretKey.generate();
  await scope.tx.totp.putKey(scope.organizationId, {
    opaqueKeyId,
    userId: scope.author.user.userId,
    opaqueKey: opaqueKey.toBytes(),
    failedAttempts: 0,
    lastFailedAttempt: null,
  });
  return { status: "ok", opaqueKeyId, opaqueKey };
});
