import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../../context.ts";
import { inboundSync } from "../inbound.ts";
import { outboundSync } from "../outbound.ts";
import type { UploadContentOptions } from "../upload-content.ts";

/** A server that reports a newer version each time, and never gives it, is not believed for ever. */
const maxMerges = 8;

/**
 * - `done`: both sides have the same, as far as this direction goes.
 * - `busy`: the entry was changed meanwhile.
 * - `contested`: others change it as fast as this device merges.
 * - `confined`: it stays on this device. - `unreachable`: no folder leads to it.
 */
export type EntryOutcome = "done" | "busy" | "contested" | "confined" | "unreachable";

/** What the server has of an entry comes in. `version` is what it announced; without one, it is asked in any case. */
export async function takeIn(
  context: WorkspaceContext,
  id: VlobId,
  version: number | undefined,
  options: { readonly signal: AbortSignal },
): Promise<EntryOutcome> {
  const local = await context.manifests.getLocal(id);
  // Entries that this device does not have yet are fetched when somebody asks for them.
  if (local === undefined) return "done";
  if (version !== undefined && local.base.version >= version) return "done";
  const outcome = await inboundSync(context, id, options);
  return outcome === "confined" ? "confined" : "done";
}

/** What this device has of an entry goes out, after what the server has that is newer. */
export async function putOut(
  context: WorkspaceContext,
  id: VlobId,
  options: UploadContentOptions & { readonly signal: AbortSignal },
): Promise<EntryOutcome> {
  for (let merges = 0; merges <= maxMerges; merges += 1) {
    const outcome = await outboundSync(context, id, options);
    if (outcome !== "inbound_needed") return outcome;
    if (merges === maxMerges) break;
    const merged = await takeIn(context, id, undefined, options);
    if (merged !== "done") return merged;
  }
  return "contested";
}
