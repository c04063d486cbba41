import { breathe, joinSignals, type OperationOptions, throwIfAborted } from "@parsec/base";
import type { PageCursor } from "@parsec/storage";
import { type BlockAccess, FsPath, type LocalFileManifest, type VlobId } from "@parsec/types";
import { InvalidCertificateError } from "../../certificates/violation.ts";
import { localChunk } from "../content/chunk-data.ts";
import type { WorkspaceContext } from "../context.ts";
import { InvalidBlockError, WorkspaceError } from "../errors.ts";
import { isFile } from "../manifests.ts";
import { fetchBlock } from "../remote/fetch-block.ts";
import { fetchManifests } from "../remote/fetch-manifest.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { whereabouts } from "../tree/path-of.ts";
import { type Finding, finding } from "./finding.ts";

/** Manifests that are read at once, when all are looked through. */
const pageSize = 100;
const blocksAtOnce = 4;

/**
 * Looks at everything that there is of a workspace: certificates, the latest version of each entry that the root leads
 * to, all its content, and what this device has stored. Gives what is wrong; on a sound workspace nothing. All content
 * is downloaded, whatever is in the cache. Progress counts its bytes, once all entries are looked at.
 * @throws ConnectionError, ClientError, WorkspaceError BLOCKSTORE_UNAVAILABLE: then it cannot be told
 */
export async function* verify(
  context: WorkspaceContext,
  options: OperationOptions,
): AsyncGenerator<Finding, void, undefined> {
  const joined = joinSignals(options.signal, context.closed);
  const verification = new Verification(context, joined.signal, options.onProgress);
  try {
    yield* verification.certificates();
    yield* verification.local();
    yield* verification.entries();
    yield* verification.blocks();
  } finally {
    joined.release();
  }
}

interface Place {
  readonly id: VlobId;
  readonly path: FsPath;
}

interface BlockToCheck {
  readonly access: BlockAccess;
  readonly entryId: VlobId;
  readonly path: string;
}

class Verification {
  readonly #context: WorkspaceContext;
  readonly #signals: { readonly signal: AbortSignal };
  readonly #onProgress: OperationOptions["onProgress"];
  readonly #blocks = new Map<string, BlockToCheck>();

  constructor(context: WorkspaceContext, signal: AbortSignal, onProgress: OperationOptions["onProgress"]) {
    this.#context = context;
    this.#signals = { signal };
    this.#onProgress = onProgress;
  }

  async *certificates(): AsyncGenerator<Finding, void, undefined> {
    try {
      const outcome = await this.#context.session.certificates.recheck(this.#signals);
      if (outcome === "behind") yield finding("certificates_went_back");
    } catch (error) {
      if (!(error instanceof InvalidCertificateError)) throw error;
      yield finding("invalid_certificates", { error });
    }
  }

  // --- What this device has

  async *local(): AsyncGenerator<Finding, void, undefined> {
    let cursor: PageCursor | undefined;
    do {
      const { items, next } = await this.#context.store.listManifests(cursor, pageSize);
      for (const stored of items) {
        await this.#breathe();
        if ("damage" in stored) {
          yield finding("local_damage", { entryId: stored.id, error: stored.damage });
        } else if (isFile(stored) && stored.needSync) {
          yield* this.#localContent(stored);
        }
      }
      cursor = next;
    } while (cursor !== undefined);
  }

  /** Content of a changed file that nobody else has. */
  async *#localContent(file: LocalFileManifest): AsyncGenerator<Finding, void, undefined> {
    const uploaded = new Set<string>(file.base.blocks.map(({ id }) => id));
    for (const view of file.blocks.flat()) {
      if (uploaded.has(view.id)) continue;
      const info = await this.#context.store.getChunkInfo(view.id);
      if (info === undefined ? view.access !== null : info.sent) continue;
      const { data, damage } = await localChunk(this.#context, view.id);
      if (data !== undefined || this.#isGone(file)) continue;
      const where = await whereabouts(this.#context, file.base.id, this.#signals);
      const error = damage instanceof Error ? damage : undefined;
      yield finding("local_content_lost", {
        entryId: file.base.id,
        path: where.kind === "reachable" ? where.path : undefined,
        error,
      });
      return;
    }
  }

  /** What is changed meanwhile is not to be blamed. */
  #isGone({ base, updated }: LocalFileManifest): boolean {
    const current = this.#context.manifests.peek(base.id);
    return current !== undefined && (current.updated !== updated || current.base.version !== base.version);
  }

  // --- What the server has

  async *entries(): AsyncGenerator<Finding, void, undefined> {
    const left: Place[] = [{ id: this.#context.realmId, path: FsPath.root }];
    const seen = new Set<VlobId>();
    while (left.length > 0) {
      const page = left.splice(0, pageSize);
      const ids = page.map(({ id }) => id);
      const { manifests, damaged } = await fetchManifests(this.#context, ids, this.#signals);
      const byId = new Map(manifests.map((manifest) => [manifest.id, manifest]));
      for (const place of page) {
        await this.#breathe();
        const { id, path } = place;
        const remote = byId.get(id);
        const error = damaged.get(id);
        if (error !== undefined) yield finding("invalid_manifest", { entryId: id, path, error });
        else if (remote === undefined) yield* this.#missing(id, path);
        else yield* this.#compare(remote, path);
        if (remote !== undefined) for (const child of this.#below(remote, path, seen)) left.push(child);
      }
    }
  }

  /** The children of a folder that are still to be looked at; the content of a file comes last. */
  #below(remote: RemoteManifest, path: FsPath, seen: Set<VlobId>): Place[] {
    if (remote.type === "file_manifest") {
      this.#addBlocks(remote.blocks, remote.id, path);
      return [];
    }
    const news = [...remote.children].filter(([, id]) => !seen.has(id));
    for (const [, id] of news) seen.add(id);
    return news.map(([name, id]) => ({ id, path: FsPath.join(path, name) }));
  }

  /** What this device has still to upload is not missing, nor is a workspace that nobody has uploaded yet. */
  async *#missing(id: VlobId, path: FsPath): AsyncGenerator<Finding, void, undefined> {
    const local = await this.#context.manifests.getReadable(id);
    if (local?.base.version === 0 && (local.needSync || id === this.#context.realmId)) return;
    yield finding("entry_missing", { entryId: id, path });
  }

  async *#compare(remote: RemoteManifest, path: FsPath): AsyncGenerator<Finding, void, undefined> {
    const base = (await this.#context.manifests.getReadable(remote.id))?.base;
    if (base === undefined || base.version < remote.version) return;
    const isSame = base.timestamp === remote.timestamp && base.author === remote.author;
    if (base.version > remote.version) yield finding("entry_went_back", { entryId: remote.id, path });
    else if (!isSame) yield finding("entry_differs", { entryId: remote.id, path });
  }

  #addBlocks(blocks: readonly BlockAccess[], entryId: VlobId, path: string): void {
    // Copies share blocks; what they promise of one may differ.
    for (const access of blocks) this.#blocks.set(`${access.id} ${access.digest.hex}`, { access, entryId, path });
  }

  async *blocks(): AsyncGenerator<Finding, void, undefined> {
    const all = [...this.#blocks.values()];
    const total = all.reduce((sum, { access }) => sum + access.size, 0);
    let done = 0;
    this.#onProgress?.({ done, total });
    for (let start = 0; start < all.length; start += blocksAtOnce) {
      throwIfAborted(this.#signals.signal);
      const group = all.slice(start, start + blocksAtOnce);
      const found = await Promise.all(group.map((block) => this.#checkBlock(block)));
      for (const { access } of group) done += access.size;
      this.#onProgress?.({ done, total });
      for (const one of found) if (one !== undefined) yield one;
    }
  }

  async #checkBlock({ access, entryId, path }: BlockToCheck): Promise<Finding | undefined> {
    try {
      await fetchBlock(this.#context, access, this.#signals);
      return undefined;
    } catch (error) {
      const details = { entryId, path, blockId: access.id };
      if (error instanceof InvalidBlockError) return finding("invalid_block", { ...details, error });
      if (!(error instanceof WorkspaceError) || error.code !== "CHUNK_NOT_FOUND") throw error;
      return finding("block_missing", { ...details, error });
    }
  }

  async #breathe(): Promise<void> {
    await breathe();
    throwIfAborted(this.#signals.signal);
  }
}
