import { type DateTime, localFileManifestToRemote, localFolderManifestToRemote, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";
import { entryInUse } from "../open-files/open-files.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { whereabouts } from "../tree/path-of.ts";
import { acknowledge } from "./acknowledge.ts";
import { settleUploaded, type UploadContentOptions, uploadContent } from "./upload-content.ts";
import { uploadManifest } from "./upload-manifest.ts";

/**
 * - `done`: the server has the local state.
 * - `inbound_needed`: the server has a newer version, to be merged first.
 * - `busy`: the entry was changed meanwhile; try again.
 * - `confined`: the entry, or a folder above it, stays on this device.
 * - `unreachable`: no folder leads to the entry any more.
 */
export type OutboundOutcome = "done" | "inbound_needed" | "busy" | "confined" | "unreachable";

/**
 * Uploads one entry if it has changed (spec 11 §13.1). The entry is not locked while the network is used.
 * @throws WorkspaceError ENTRY_BUSY while somebody may write the file
 */
export async function outboundSync(
  context: WorkspaceContext,
  id: VlobId,
  options: UploadContentOptions = {},
): Promise<OutboundOutcome> {
  const where = await whereabouts(context, id, options);
  // What was removed here has no place, and is not to be given one: there is nothing left of it to upload.
  if (where.kind === "missing" || !where.manifest.needSync) return "done";
  if (where.kind === "unreachable") return "unreachable";
  if (where.confinedBy !== null) return "confined";
  if (context.openFiles.isBeingWritten(id)) throw entryInUse(id);
  const { session, realmId } = context;
  session.events.send({ type: "outbound_sync_started", realmId, entryId: id });
  let outcome: OutboundOutcome | undefined;
  try {
    outcome = await upload(context, where.manifest, options);
    return outcome;
  } finally {
    const type = outcome === "done" ? "outbound_sync_done" : "outbound_sync_aborted";
    session.events.send({ type, realmId, entryId: id });
  }
}

async function upload(
  context: WorkspaceContext,
  manifest: LocalManifest,
  options: UploadContentOptions,
): Promise<OutboundOutcome> {
  const local = isFile(manifest) ? await uploadContent(context, manifest, options) : manifest;
  if (local === "busy") return "busy";
  const { deviceId } = context.session.device;
  const build = (timestamp: DateTime): RemoteManifest =>
    isFolder(local)
      ? localFolderManifestToRemote(local, deviceId, timestamp)
      : localFileManifestToRemote(local, deviceId, timestamp);
  const uploaded = await uploadManifest(context, { local, build }, options);
  if (uploaded === "outdated") return "inbound_needed";
  const { manifest: remote } = uploaded;
  const outcome = await context.tree.change((draft) => acknowledge(context, draft, local, remote));
  await settleUploaded(context, local);
  return outcome === "changed" ? "busy" : "done";
}
