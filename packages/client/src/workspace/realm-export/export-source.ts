import { breathe, throwIfAborted } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import type { ExportedVersion, RealmExportFile } from "@parsec/storage";
import { type BlockAccess, type BlockId, DateTime, type DeviceId, type UserId, type VlobId } from "@parsec/types";
import type { CertificateView } from "../../certificates/view.ts";
import { ClientError } from "../../errors.ts";
import type { RealmKey } from "../../realm-keys/keys-bundle.ts";
import { InvalidManifestError, WorkspaceError } from "../errors.ts";
import { HistoryError } from "../history/errors.ts";
import type { HistorySource, SourcedVersion, SourceOptions } from "../history/source.ts";
import { openCheckedBlock } from "../remote/fetch-block.ts";
import { type ManifestReader, openManifest, type RemoteManifest } from "../remote/open-manifest.ts";

/** Versions that are read from the file together: each may be large. */
const versionsAtOnce = 50;

/** What opens and judges the content of a file. */
export interface ExportTrust {
  readonly view: CertificateView;
  /** That of index i at i - 1. */
  readonly keys: readonly RealmKey[];
}

/** The history in the file of an exported realm. All that it gives is verified as if a server had given it. */
export class ExportSource implements HistorySource {
  readonly realmId: VlobId;
  readonly firstRoot: RemoteManifest;
  readonly lowerBound: DateTime;
  readonly higherBound: DateTime;
  readonly #file: RealmExportFile;
  readonly #trust: ExportTrust;
  readonly #closing = new AbortController();

  private constructor(file: RealmExportFile, trust: ExportTrust, firstRoot: RemoteManifest) {
    this.#file = file;
    this.#trust = trust;
    this.realmId = file.realmId;
    this.firstRoot = firstRoot;
    this.lowerBound = firstRoot.timestamp;
    this.higherBound = file.snapshot;
  }

  /** @throws HistoryError NO_HISTORY; InvalidManifestError; RealmExportError */
  static async open(file: RealmExportFile, trust: ExportTrust, options: SourceOptions): Promise<ExportSource> {
    const first = file.version(file.realmId, 1);
    if (first === undefined) {
      throw new HistoryError("NO_HISTORY", "This workspace was exported before its first upload: it has no history");
    }
    return new ExportSource(file, trust, await opened(file, trust, first, options));
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  async close(): Promise<void> {
    this.#closing.abort(new HistoryError("HISTORY_CLOSED", "This exported workspace is closed: open its file again"));
    await this.#file.close();
  }

  async versionsAt(ids: readonly VlobId[], at: DateTime, options: SourceOptions): Promise<readonly RemoteManifest[]> {
    const manifests: RemoteManifest[] = [];
    for (const id of ids) {
      await this.#goOn(options);
      const version = this.#file.versionAt(id, at);
      if (version !== undefined) manifests.push(await opened(this.#file, this.#trust, version, options));
    }
    return manifests;
  }

  async *versionsOf(id: VlobId, options: SourceOptions): AsyncGenerator<SourcedVersion, void, undefined> {
    let before = DateTime.fromMicros(this.higherBound + 1);
    for (;;) {
      await this.#goOn(options);
      const versions = this.#file.versionsBefore(id, before, versionsAtOnce);
      for (const version of versions) {
        await this.#goOn(options);
        before = version.timestamp;
        yield await this.#sourced(version, options);
      }
      if (versions.length < versionsAtOnce) return;
    }
  }

  async #sourced(version: ExportedVersion, options: SourceOptions): Promise<SourcedVersion> {
    try {
      return { version: version.version, manifest: await opened(this.#file, this.#trust, version, options) };
    } catch (damage) {
      if (!(damage instanceof InvalidManifestError)) throw damage;
      return { version: version.version, damage };
    }
  }

  async block(access: BlockAccess, options: SourceOptions): Promise<Uint8Array> {
    await this.#goOn(options);
    const block = this.#file.block(access.id);
    if (block === undefined) {
      throw new WorkspaceError(
        "CHUNK_NOT_FOUND",
        "This content is not in the exported workspace: the server had lost it",
      );
    }
    const getKey = async () => keyOf(this.#trust, block.keyIndex, access.id);
    return openCheckedBlock(block.data, getKey, access, options);
  }

  userOf(device: DeviceId): UserId | undefined {
    return this.#trust.view.device(device)?.userId;
  }

  async #goOn({ signal }: SourceOptions): Promise<void> {
    await breathe();
    throwIfAborted(signal);
    throwIfAborted(this.closed);
  }
}

function opened(
  { realmId }: RealmExportFile,
  trust: ExportTrust,
  { vlobId, keyIndex, author, version, timestamp, blob }: ExportedVersion,
  options: SourceOptions,
): Promise<RemoteManifest> {
  const reader: ManifestReader = {
    realmId,
    session: {
      certificates: { require: async () => trust.view },
      realmKeys: { forDecryption: async (_realm, index, usage) => keyOf(trust, index, usage) },
    },
  };
  // All certificates of the file are known: there is nothing to wait for.
  const none = DateTime.fromMicros(0);
  const needed = { neededCommonCertificateTimestamp: none, neededRealmCertificateTimestamp: none };
  return openManifest(reader, [vlobId, keyIndex, author, version, timestamp, blob], needed, options);
}

/** @throws ClientError REALM_KEY_NOT_FOUND, REALM_KEY_CORRUPTED */
function keyOf({ keys }: ExportTrust, keyIndex: number, usage: VlobId | BlockId): SecretKey {
  const key = keys[keyIndex - 1];
  if (key === undefined) throw new ClientError("REALM_KEY_NOT_FOUND");
  if (key.isCorrupted) throw new ClientError("REALM_KEY_CORRUPTED");
  return key.realmKey.deriveSecretKey(usage);
}
