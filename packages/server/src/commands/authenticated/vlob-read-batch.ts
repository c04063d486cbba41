import { readBatchLimit, vlobReadBatch } from "@parsec/protocol";
import { cannotReadVlobs, neededTimestamps, vlobItem } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.3. Unknown vlobs are left out. */
export const vlobReadBatchHandler = authenticated(vlobReadBatch).inTransaction(async (scope, request) => {
  const { tx, organizationId } = scope;
  const { realmId, vlobs, at } = request;
  if (vlobs.length > readBatchLimit) return { status: "too_many_elements" };
  const refusal = await cannotReadVlobs(scope, realmId);
  if (refusal !== undefined) return refusal;
  const rows = await tx.vlobs.latest(organizationId, realmId, vlobs, at);
  return { status: "ok", items: rows.map(vlobItem), ...(await neededTimestamps(scope, realmId)) };
});
