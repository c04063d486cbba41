import { vlobPollChanges } from "@parsec/protocol";
import { cannotReadVlobs } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.4. Without change, the checkpoint asked comes back. */
export const vlobPollChangesHandler = authenticated(vlobPollChanges).inTransaction(async (scope, request) => {
  const { tx, organizationId } = scope;
  const { realmId, lastCheckpoint } = request;
  const refusal = await cannotReadVlobs(scope, realmId);
  if (refusal !== undefined) return refusal;
  const { changes, current } = await tx.vlobs.changesAfter(organizationId, realmId, lastCheckpoint);
  return { status: "ok", changes, currentCheckpoint: changes.length === 0 ? lastCheckpoint : current };
});
