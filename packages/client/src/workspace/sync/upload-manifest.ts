import { vlobCreate, vlobUpdate } from "@parsec/protocol";
import { type DateTime, sealManifest } from "@parsec/types";
import { timestampOffset, withGreaterTimestamp } from "../../session/greater-timestamp.ts";
import type { WorkspaceContext } from "../context.ts";
import type { LocalManifest } from "../manifests.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import { type KeyedAttempt, type UploadOptions, withLatestKey } from "./upload-block.ts";

/** `outdated`: the server has a version that this device does not know, merge it first. */
export type UploadedManifest = { readonly manifest: RemoteManifest } | "outdated";

/** What to upload: the state of this device, and how to make the version of a date out of it. */
export interface NextVersion {
  readonly local: LocalManifest;
  readonly build: (timestamp: DateTime) => RemoteManifest;
}

/**
 * Signs, encrypts and uploads the next version of an entry (spec 11 §13.1).
 * @throws ClockDriftError, GreaterTimestampError, ClientError, WorkspaceError REALM_ARCHIVED, UnexpectedReplyError
 */
export function uploadManifest(
  context: WorkspaceContext,
  next: NextVersion,
  options: UploadOptions = {},
): Promise<UploadedManifest> {
  return withLatestKey(context, "vlob_update", options, () => attempt(context, next, options));
}

async function attempt(
  context: WorkspaceContext,
  next: NextVersion,
  options: UploadOptions,
): Promise<KeyedAttempt<UploadedManifest>> {
  const { session } = context;
  const { reply, timestamp } = await withGreaterTimestamp(session, timestampOffset.manifest, (date) =>
    send(context, next, date, options),
  );
  switch (reply.status) {
    case "ok":
      return { done: { manifest: next.build(timestamp) } };
    case "bad_key_index":
      return { newerKeyAt: reply.lastRealmCertificateTimestamp };
    case "vlob_already_exists":
    case "bad_vlob_version":
      return { done: "outdated" };
    default:
      throw realmReplyError("vlob_update", reply);
  }
}

async function send(context: WorkspaceContext, { local, build }: NextVersion, date: DateTime, options: UploadOptions) {
  const { session, realmId } = context;
  const manifest = build(date);
  context.sent.remember(manifest, local);
  const { id: vlobId, version, timestamp } = manifest;
  const { key, keyIndex } = await session.realmKeys.forEncryption(realmId, vlobId, options);
  const blob = sealManifest(key, session.device.signingKey, manifest);
  const fields = { realmId, vlobId, keyIndex, timestamp, blob };
  return version === 1
    ? session.connection.send(vlobCreate, fields, options)
    : session.connection.send(vlobUpdate, { ...fields, version }, options);
}
