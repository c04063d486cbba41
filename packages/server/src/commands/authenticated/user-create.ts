import { VerifyKey } from "@parsec/crypto";
import { userCreate } from "@parsec/protocol";
import { checkNewUser, emailTaken, enrollUser, idsTaken, limitReached } from "../../rules/new-user.ts";
import { notGreater } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §5.2. */
export const userCreateHandler = authenticated(userCreate).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
  const signer = { key: VerifyKey.fromBytes(author.device.verifyKey), author: author.device.deviceId };
  const checked = checkNewUser(scope, signer, request);
  if (isReply(checked)) return checked;

  await tx.lock(organizationId, "common", "write");
  const { timestamp } = checked.user;
  const older = await notGreater(scope, timestamp, ["common"]);
  if (older !== undefined) return older;
  const refusal = (await emailTaken(scope, checked)) ?? (await limitReached(scope)) ?? (await idsTaken(scope, checked));
  if (refusal !== undefined) return refusal;

  await enrollUser(scope, checked, request);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
  return { status: "ok" };
});
