import { vlobCreate, vlobUpdate } from "@parsec/protocol";
import { type DateTime, sealManifest } from "@parsec/types";
import { timestampOffset, withGreaterTimestamp } from "../../session/greater-timestamp.ts";
import type { WorkspaceContext } from "../context.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import { type KeyedAttempt, type UploadOptions, withLatestKey } from "./upload-block.ts";

/** `outdated`: the server has a version that this device does not know, merge it first. */
export type UploadedManifest = { readonly manifest: RemoteManifest } | "outdated";

/**
 * Signs, encrypts and uploads the next version of an entry; `build` makes it for a date (spec 11 §13.1).
 * @throws ClockDriftError, GreaterTimestampError, ClientError, WorkspaceError REALM_ARCHIVED, UnexpectedReplyError
 */
export function uploadManifest(
  context: WorkspaceContext,
  build: (timestamp: DateTime) => RemoteManifest,
  options: UploadOptions = {},
): Promise<UploadedManifest> {
  return withLatestKey(context, "vlob_update", options, () => attempt(context, build, options));
}

async function attempt(
  context: WorkspaceContext,
  build: (timestamp: DateTime) => RemoteManifest,
  options: UploadOptions,
): Promise<KeyedAttempt<UploadedManifest>> {
  const { session } = context;
  const { reply, timestamp } = await withGreaterTimestamp(session, timestampOffset.manifest, (date) =>
    send(context, build(date), options),
  );
  switch (reply.status) {
    case "ok":
      return { done: { manifest: build(timestamp) } };
    case "bad_key_index":
      return { newerKeyAt: reply.lastRealmCertificateTimestamp };
    case "vlob_already_exists":
    case "bad_vlob_version":
      return { done: "outdated" };
    default:
      throw realmReplyError("vlob_update", reply);
  }
}

async function send({ session, realmId }: WorkspaceContext, manifest: RemoteManifest, options: UploadOptions) {
  const { id: vlobId, version, timestamp } = manifest;
  const { key, keyIndex } = await session.realmKeys.forEncryption(realmId, vlobId, options);
  const blob = sealManifest(key, session.device.signingKey, manifest);
  const fields = { realmId, vlobId, keyIndex, timestamp, blob };
  return version === 1
    ? session.connection.send(vlobCreate, fields, options)
    : session.connection.send(vlobUpdate, { ...fields, version }, options);
}
