import { hasCode } from "@parsec/base";
import type { EntryName, VlobId } from "@parsec/types";
import { latest, roleAt } from "../certificates/at.ts";
import type { CertificateView } from "../certificates/view.ts";
import { ClientError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { createRealm } from "./create-realm.ts";
import { type AuthoringOptions, localIdempotent, type Outcome } from "./outcome.ts";
import { maxRefetches } from "./realm-refusal.ts";
import { renameRealm } from "./rename-realm.ts";
import { rotateKey } from "./rotate-key.ts";

/** How far a workspace has come on the server, as the certificates tell (spec 09a §2.2). */
export type RealmState = "LOCAL_ONLY" | "CREATED_IN_SERVER" | "INITIAL_KEY_ROTATION_DONE" | "WORKSPACE_BOOTSTRAPPED";

export function realmState(view: CertificateView, realmId: VlobId): RealmState {
  if (view.realmNames(realmId).length > 0) return "WORKSPACE_BOOTSTRAPPED";
  if (view.keyRotations(realmId).length > 0) return "INITIAL_KEY_ROTATION_DONE";
  return view.realmRoles(realmId).length > 0 ? "CREATED_IN_SERVER" : "LOCAL_ONLY";
}

/**
 * Finishes a workspace on the server: realm, first key, name. Each step may already be done, by us or by another
 * OWNER; a crash between two of them only means that the next call goes on (spec 09a §6.5).
 * @throws AuthoringError, RealmKeysError, AUTHOR_NOT_ALLOWED, REALM_DELETED
 */
export async function bootstrapRealm(
  context: SessionContext,
  realmId: VlobId,
  name: EntryName,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  const { certificates, device } = context;
  const role = roleAt(certificates.view, realmId, device.userId, latest);
  if (role !== undefined && role !== "OWNER") throw new ClientError("AUTHOR_NOT_ALLOWED");
  const state = realmState(certificates.view, realmId);
  if (state === "WORKSPACE_BOOTSTRAPPED") return localIdempotent;
  if (state === "LOCAL_ONLY") await createRealm(context, realmId, options);
  if (state !== "INITIAL_KEY_ROTATION_DONE") await rotateKey(context, realmId, 1, options);
  return nameRealm(context, realmId, name, options);
}

/** The first rotation may be known to the server alone: its certificate is fetched when the key is missing. */
async function nameRealm(
  context: SessionContext,
  realmId: VlobId,
  name: EntryName,
  options: AuthoringOptions,
): Promise<Outcome> {
  for (let refetches = 0; ; refetches += 1) {
    try {
      return await renameRealm(context, realmId, name, { ...options, isInitial: true });
    } catch (error) {
      if (!hasCode(error, "NO_REALM_KEY") || refetches === maxRefetches) throw error;
      await context.certificates.poll(options);
    }
  }
}
