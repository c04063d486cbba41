import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Removes all rows: what belongs to an organization or a vault goes with it. */
export async function removeEverything(db: Kysely<Tables>): Promise<void> {
  for (const table of ["organization", "account", "vault", "validation_code", "large_event", "block_data"] as const) {
    await db.deleteFrom(table).execute();
  }
}
