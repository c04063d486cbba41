import { hasCode } from "@parsec/base";
import { type VlobItem, vlobReadBatch, vlobReadVersions } from "@parsec/protocol";
import { type BlockAccess, chunkViewOfBlock, DateTime, type DeviceId, type UserId, type VlobId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import { chunkData } from "../content/chunk-data.ts";
import type { WorkspaceContext } from "../context.ts";
import { InvalidManifestError } from "../errors.ts";
import { openManifest, type RemoteManifest } from "../remote/open-manifest.ts";
import { realmReplyError } from "../remote/realm-replies.ts";
import { HistoryError, InvalidHistoryError } from "./errors.ts";
import type { HistorySource, SourcedVersion, SourceOptions } from "./source.ts";

/** The most vlobs that one request may name (spec 05 §13.1). */
const maxVlobsPerRequest = 1000;
/** Versions of one entry that are asked for together: each may be large. */
const versionsPerRequest = 50;

/**
 * The history that the server has, up to now.
 * @throws HistoryError NO_HISTORY; InvalidManifestError; ClientError; ConnectionError
 */
export async function serverSource(context: WorkspaceContext, options: SourceOptions): Promise<HistorySource> {
  const higherBound = DateTime.now(context.session.clock);
  return new ServerSource(context, await firstOfRoot(context, options), higherBound);
}

/** A clock that is behind must not make a history that ends before it begins. */
function later(one: DateTime, two: DateTime): DateTime {
  return one > two ? one : two;
}

async function firstOfRoot(context: WorkspaceContext, options: SourceOptions): Promise<RemoteManifest> {
  try {
    const [first] = await readVersions(context, context.realmId, [1], options);
    if (first !== undefined && "manifest" in first) return first.manifest;
    if (first !== undefined) throw first.damage;
  } catch (error) {
    if (!hasCode(error, "REALM_NOT_FOUND")) throw error;
  }
  throw new HistoryError("NO_HISTORY", "This workspace was never uploaded: it has no history yet");
}

class ServerSource implements HistorySource {
  readonly firstRoot: RemoteManifest;
  readonly lowerBound: DateTime;
  readonly higherBound: DateTime;
  readonly realmId: VlobId;
  readonly #context: WorkspaceContext;

  constructor(context: WorkspaceContext, firstRoot: RemoteManifest, now: DateTime) {
    this.#context = context;
    this.realmId = context.realmId;
    this.firstRoot = firstRoot;
    this.lowerBound = firstRoot.timestamp;
    this.higherBound = later(firstRoot.timestamp, now);
  }

  get closed(): AbortSignal {
    return this.#context.closed;
  }

  async close(): Promise<void> {
    // The workspace is somebody else's.
  }

  async versionsAt(ids: readonly VlobId[], at: DateTime, options: SourceOptions): Promise<readonly RemoteManifest[]> {
    const { realmId, session } = this.#context;
    const manifests: RemoteManifest[] = [];
    for (let start = 0; start < ids.length; start += maxVlobsPerRequest) {
      const vlobs = ids.slice(start, start + maxVlobsPerRequest);
      const reply = await session.connection.send(vlobReadBatch, { realmId, vlobs, at }, options);
      if (reply.status !== "ok") throw realmReplyError("vlob_read_batch", reply);
      const asked = new Set(vlobs);
      for (const item of reply.items) {
        const [id, , , , timestamp] = item;
        if (!asked.delete(id)) throw unasked("vlob_read_batch");
        if (timestamp > at) throw new InvalidHistoryError("TOO_RECENT", id, at);
        manifests.push(await openManifest(this.#context, item, reply, options));
      }
    }
    return manifests;
  }

  async *versionsOf(id: VlobId, options: SourceOptions): AsyncGenerator<SourcedVersion, void, undefined> {
    const latest = await this.#latestVersion(id, options);
    for (let last = latest; last > 0; last -= versionsPerRequest) {
      const first = Math.max(1, last - versionsPerRequest + 1);
      const versions = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const read = await readVersions(this.#context, id, versions, options);
      yield* read.sort((a, b) => b.version - a.version);
    }
  }

  async #latestVersion(id: VlobId, options: SourceOptions): Promise<number> {
    const { realmId, session } = this.#context;
    const reply = await session.connection.send(vlobReadBatch, { realmId, vlobs: [id], at: null }, options);
    if (reply.status !== "ok") throw realmReplyError("vlob_read_batch", reply);
    return reply.items.find(([vlobId]) => vlobId === id)?.[3] ?? 0;
  }

  block(access: BlockAccess, options: SourceOptions): Promise<Uint8Array> {
    return chunkData(this.#context, chunkViewOfBlock(access), { ...options, entryId: this.realmId });
  }

  userOf(device: DeviceId): UserId | undefined {
    return this.#context.session.certificates.view.device(device)?.userId;
  }
}

async function readVersions(
  context: WorkspaceContext,
  id: VlobId,
  versions: readonly number[],
  options: SourceOptions,
): Promise<SourcedVersion[]> {
  const { realmId, session } = context;
  const items = versions.map((version): [VlobId, number] => [id, version]);
  const reply = await session.connection.send(vlobReadVersions, { realmId, items }, options);
  if (reply.status !== "ok") throw realmReplyError("vlob_read_versions", reply);
  const asked = new Set(versions);
  const read: SourcedVersion[] = [];
  for (const item of reply.items) {
    if (item[0] !== id || !asked.delete(item[3])) throw unasked("vlob_read_versions");
    read.push(await opened(context, item, reply, options));
  }
  return read;
}

async function opened(
  context: WorkspaceContext,
  item: VlobItem,
  needed: Parameters<typeof openManifest>[2],
  options: SourceOptions,
): Promise<SourcedVersion> {
  const [, , , version] = item;
  try {
    return { version, manifest: await openManifest(context, item, needed, options) };
  } catch (damage) {
    if (!(damage instanceof InvalidManifestError)) throw damage;
    return { version, damage };
  }
}

function unasked(command: string): UnexpectedReplyError {
  return new UnexpectedReplyError(command, "ok, with versions that were not asked for");
}
