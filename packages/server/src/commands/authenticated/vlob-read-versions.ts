import { readBatchLimit, vlobReadVersions } from "@parsec/protocol";
import { cannotReadVlobs, neededTimestamps, vlobItem } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.3. Unknown vlobs and versions are left out. */
export const vlobReadVersionsHandler = authenticated(vlobReadVersions).inTransaction(async (scope, request) => {
  const { tx, organizationId } = scope;
  const { realmId, items } = request;
  if (items.length > readBatchLimit) return { status: "too_many_elements" };
  const refusal = await cannotReadVlobs(scope, realmId);
  if (refusal !== undefined) return refusal;
  const rows = await tx.vlobs.versions(organizationId, realmId, items);
  return { status: "ok", items: rows.map(vlobItem), ...(await neededTimestamps(scope, realmId)) };
});
