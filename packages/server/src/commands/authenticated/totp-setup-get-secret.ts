import { totpSetupGetSecret } from "@parsec/protocol";
import { pendingSecret } from "../../rules/totp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.8. */
export const totpSetupGetSecretHandler = authenticated(totpSetupGetSecret).inTransaction(async (scope) => {
  const { userId } = scope.author.user;
  const setup = await scope.tx.totp.setup(scope.organizationId, userId);
  if (setup.completed) return { status: "already_setup" };
  return { status: "ok", totpSecret: await pendingSecret(scope, userId, setup) };
});
