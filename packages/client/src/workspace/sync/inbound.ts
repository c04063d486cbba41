import { vlobPollChanges } from "@parsec/protocol";
import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import type { LocalManifest } from "../manifests.ts";
import { entryInUse } from "../open-files/open-files.ts";
import { fetchLatest } from "../remote/fetch-manifest.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import type { InboundOutcome } from "./take-in.ts";

export interface InboundOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the server which entries changed, and notes it for those that this device has (spec 11 §12.1). How far it got is
 * stored later, see {@link storeCheckpoint}.
 * @throws ClientError, UnexpectedReplyError
 */
export async function refreshCheckpoint(context: WorkspaceContext, options: InboundOptions = {}): Promise<void> {
  const { session, realmId, store, takeIn } = context;
  const lastCheckpoint = await takeIn.checkpoint.from(() => store.getCheckpoint());
  const reply = await session.connection.send(vlobPollChanges, { realmId, lastCheckpoint }, options);
  if (reply.status !== "ok") throw realmReplyError("vlob_poll_changes", reply);
  if (reply.currentCheckpoint !== lastCheckpoint) {
    noticeRollback(context, undefined, lastCheckpoint, reply.currentCheckpoint);
    const changes = reply.changes.map(([id, remoteVersion]) => ({ id, remoteVersion }));
    await store.updateCheckpoint(await store.getCheckpoint(), changes);
  }
  takeIn.checkpoint.reached(reply.currentCheckpoint);
}

/** When all that was announced is in, and has its place. */
export async function storeCheckpoint({ store, takeIn }: WorkspaceContext): Promise<void> {
  const { unstored } = takeIn.checkpoint;
  if (unstored === undefined) return;
  await store.updateCheckpoint(unstored, []);
  takeIn.checkpoint.stored(unstored);
}

/**
 * Fetches the latest version of one entry and merges it (spec 11 §12.2). When all that the server announced is in, let
 * `context.takeIn` settle.
 * @throws WorkspaceError ENTRY_BUSY while somebody has the file open
 */
export async function inboundSync(
  context: WorkspaceContext,
  id: VlobId,
  options: InboundOptions = {},
): Promise<InboundOutcome> {
  const known = await context.manifests.getLocal(id);
  if (known === undefined) {
    await context.manifests.get(id, options);
    return "updated";
  }
  if (context.openFiles.isOpen(id)) throw entryInUse(id);
  const outcome = await context.takeIn.merge(await latest(context, known, options), options);
  if (outcome === "in_use") throw entryInUse(id);
  if (outcome === "updated") {
    const { session, realmId } = context;
    session.events.send({ type: "inbound_sync_done", realmId, entryId: id });
  }
  return outcome;
}

/** When the latest version is invalid and no newer valid one exists, the known one comes again under its number. */
async function latest(
  context: WorkspaceContext,
  known: LocalManifest,
  options: InboundOptions,
): Promise<RemoteManifest> {
  const { base } = known;
  const { manifest, latestVersion } = await fetchLatest(context, base.id, base.version, options);
  noticeRollback(context, base.id, base.version, latestVersion);
  return manifest ?? { ...base, version: latestVersion };
}

/** The server gives less than it once gave to this device, which keeps what it has. */
function noticeRollback(
  { session, realmId }: WorkspaceContext,
  entryId: VlobId | undefined,
  known: number,
  given: number,
): void {
  if (given < known) session.events.send({ type: "server_went_back", realmId, entryId, known, given });
}
