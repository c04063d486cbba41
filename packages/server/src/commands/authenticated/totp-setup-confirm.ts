import { totpSetupConfirm } from "@parsec/protocol";
import { confirmSetup } from "../../rules/totp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.8. */
export const totpSetupConfirmHandler = authenticated(totpSetupConfirm).inTransaction(async (scope, request) => {
  const { userId } = scope.author.user;
  const setup = await scope.tx.totp.setup(scope.organizationId, userId);
  if (setup.completed) return { status: "already_setup" };
  return await confirmSetup(scope, userId, setup, request.oneTimePassword);
});
