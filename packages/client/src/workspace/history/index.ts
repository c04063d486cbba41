import { joinSignals } from "@parsec/base";
import type { WorkspaceContext } from "../context.ts";
import { serverSource } from "./server-source.ts";
import type { SourceOptions } from "./source.ts";
import { WorkspaceHistory } from "./workspace-history.ts";

// What of the history is loaded together, when it is first asked for.

export { restore } from "./restore.ts";
export { removed, versions } from "./versions.ts";
export { toDateTime } from "./workspace-history.ts";

/** The history that the server has of a workspace. @throws HistoryError NO_HISTORY; what reading the root throws */
export async function openHistory(context: WorkspaceContext, options: SourceOptions): Promise<WorkspaceHistory> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    return new WorkspaceHistory(await serverSource(context, joined));
  } finally {
    joined.release();
  }
}
