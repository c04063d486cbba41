import type { VlobId } from "@parsec/types";
import { failureOf } from "../monitors/failures.ts";

/**
 * Runs `task` for one realm after the other. What fails for one realm does not keep the others, unless it concerns the
 * session: in the end the first failure is thrown.
 */
export async function forEachRealm(
  realmIds: Iterable<VlobId>,
  task: (realmId: VlobId) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const realmId of realmIds) {
    try {
      await task(realmId);
    } catch (error) {
      if (failureOf(error).scope === "session") throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
