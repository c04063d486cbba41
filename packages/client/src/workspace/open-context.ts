import { hasCode, ParsecError, Semaphore } from "@parsec/base";
import type { WorkspaceStore } from "@parsec/storage";
import { DateTime, EntryName, newLocalRootManifest, PreventSyncPattern, type VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import type { WorkspaceInfo } from "../session/workspaces.ts";
import { applyPattern } from "./apply-pattern.ts";
import { ChunkPins, releasingFrom } from "./content/chunk-pins.ts";
import { ChunkWriter } from "./content/chunk-writer.ts";
import { keptContent, purgeOrphanChunks } from "./content/purge.ts";
import type { WorkspaceContext } from "./context.ts";
import { KeptFiles } from "./kept/kept-files.ts";
import { Manifests } from "./manifests.ts";
import { OpenFiles } from "./open-files/open-files.ts";
import { inboundSync, refreshCheckpoint } from "./sync/inbound.ts";
import { SentChunks } from "./sync/sent-chunks.ts";
import { SentVersions } from "./sync/sent-versions.ts";
import { TakeIn } from "./sync/take-in.ts";
import { blocksInFlight } from "./sync/upload-content.ts";
import { announceChanges, now } from "./tree/change-folder.ts";
import { TreeLock } from "./tree-lock.ts";

function isWritable(session: SessionContext, realmId: VlobId): boolean {
  try {
    return mayWrite(session.workspaceInfo(realmId));
  } catch (error) {
    if (hasCode(error, "WORKSPACE_NOT_FOUND", "SESSION_CLOSED")) return false;
    throw error;
  }
}

/** False for a READER, and in an archived workspace. */
export function mayWrite({ role, archiving }: WorkspaceInfo): boolean {
  return role !== "READER" && archiving.type === "AVAILABLE";
}

/** What the operations of a workspace share, made ready on its local storage. */
export async function openContext(
  session: SessionContext,
  realmId: VlobId,
  store: WorkspaceStore,
  closed: AbortSignal,
): Promise<WorkspaceContext> {
  const pattern = patternOf(session.config);
  await applyPattern(store, pattern, DateTime.now(session.clock));
  const context = makeContext(session, realmId, store, pattern, closed);
  // Before anybody can change them.
  await keptContent(context);
  context.pins.track(purgeOrphanChunks(context));
  await prepareRoot(context);
  return context;
}

/** A text that cannot be read must not let go up what was to stay here: the default applies. */
function patternOf({ preventSyncPatterns }: SessionContext["config"]): PreventSyncPattern {
  if (preventSyncPatterns === undefined) return PreventSyncPattern.default();
  if (typeof preventSyncPatterns !== "string") return PreventSyncPattern.fromGlobs(preventSyncPatterns);
  try {
    return PreventSyncPattern.fromIgnoreFile(preventSyncPatterns);
  } catch (error) {
    if (!hasCode(error, "BAD_GLOB")) throw error;
    return PreventSyncPattern.default();
  }
}

function makeContext(
  session: SessionContext,
  realmId: VlobId,
  store: WorkspaceStore,
  pattern: PreventSyncPattern,
  closed: AbortSignal,
): WorkspaceContext {
  const pins = new ChunkPins(releasingFrom(store));
  const base = {
    session,
    realmId,
    store,
    pattern,
    closed,
    pins,
    openFiles: new OpenFiles(pins),
    kept: new KeptFiles(store, pins),
    chunkWriter: new ChunkWriter(store),
    sentChunks: new SentChunks(store),
    uploads: new Semaphore(blocksInFlight),
    sent: new SentVersions(),
    deviceId: session.device.deviceId,
    lostAndFoundName: EntryName.parse(session.config.lostAndFoundName),
    canWrite: () => isWritable(session, realmId),
  };
  const manifests: Manifests = new Manifests(base, () => tree);
  const tree = new TreeLock({
    store: manifests,
    pattern,
    now: () => now({ session }),
    // A file that is open for writing is uploaded when it is closed.
    onStored: (changed) =>
      announceChanges(
        base,
        changed.filter(({ base: { id } }) => !base.openFiles.isBeingWritten(id)),
      ),
  });
  return { ...base, manifests, tree, takeIn: new TakeIn({ ...base, manifests, tree }) };
}

/** A device that has never seen the workspace begins with an empty stand-in, and fills it if the server is there. */
async function prepareRoot(context: WorkspaceContext): Promise<void> {
  const { session, realmId, manifests, tree, closed } = context;
  if ((await manifests.getLocal(realmId)) !== undefined) return;
  const { deviceId } = session.device;
  const root = newLocalRootManifest(deviceId, realmId, DateTime.now(session.clock), { speculative: true });
  await tree.change((draft) => draft.put(root));
  try {
    await refreshCheckpoint(context, { signal: closed });
    await inboundSync(context, realmId, { signal: closed });
  } catch (error) {
    // Offline, or refused: the first operation that needs the server tells.
    if (!ParsecError.is(error)) throw error;
  }
}
