import { hasCode, InvalidArgumentError, type OperationOptions, ParsecError, Semaphore } from "@parsec/base";
import { FsPath, type LocalFileManifest, type VlobId } from "@parsec/types";
import { SourceReader } from "../content/byte-source.ts";
import { maxFileSize } from "../content/limits.ts";
import type { WriteResult } from "../content/put-content.ts";
import { type StagedContent, stageContent } from "../content/stage-content.ts";
import { checkFileSize } from "../content/write-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { isFile, isFolder, type ManifestOptions } from "../manifests.ts";
import { childOf } from "../tree/resolve.ts";
import type { ImportEntry, ImportReport, SkippedEntry, SkipReason } from "./entry.ts";
import { ImportBatch } from "./import-batch.ts";
import { ImportNames } from "./import-names.ts";

type FileEntry = Extract<ImportEntry, { kind: "file" }>;

/** Larger files are read one at a time: each of them fills several blocks of memory. */
const largeFile = 4 * 1024 * 1024;

/** One import while it runs: several entries are taken in at the same time. */
export class ImportRun {
  readonly #context: WorkspaceContext;
  readonly #target: FsPath;
  readonly #options: OperationOptions;
  readonly #names = new ImportNames();
  readonly #batch: ImportBatch;
  readonly #known: KnownFiles;
  readonly #large = new Semaphore(1);
  /** By the place of the entry in the tree. */
  readonly #results: ((WriteResult & { readonly path: FsPath }) | undefined)[] = [];
  readonly #skipped: (SkippedEntry | undefined)[] = [];
  #count = 0;
  #folders = 0;
  #staged = 0;

  constructor(context: WorkspaceContext, target: FsPath, options: OperationOptions) {
    this.#context = context;
    this.#target = target;
    this.#options = options;
    this.#batch = new ImportBatch(context);
    this.#known = new KnownFiles(context, options);
  }

  /** Resolves when the entry is on its way into the tree. @throws EqualNamesError, and what storing throws */
  async take(entry: ImportEntry): Promise<void> {
    const place = this.#count;
    this.#count += 1;
    if (entry.kind === "unreadable") {
      this.#skip(place, entry, entry.reason, entry.error);
      return;
    }
    const path = this.#names.pathOf(entry, this.#target);
    const reason = path === undefined ? "INVALID_NAME" : skipReason(this.#context, entry, path);
    if (path === undefined || reason !== undefined || entry.kind === "other") {
      this.#skip(place, entry, reason ?? "SYMBOLIC_LINK_OR_SPECIAL_FILE");
      return;
    }
    if (entry.kind === "folder") {
      this.#folders += 1;
      await this.#batch.add({ kind: "folder", path });
      return;
    }
    if (entry.size <= largeFile) await this.#takeFile(place, entry, path);
    else await this.#large.run(() => this.#takeFile(place, entry, path), this.#options);
  }

  /** Resolves when all that was taken is in the tree. @throws as {@link ImportBatch.flush} */
  finish(): Promise<void> {
    return this.#batch.flush();
  }

  report(): ImportReport {
    const results = this.#results.filter((result) => result !== undefined);
    const isUnchanged = (result: WriteResult) => result.outcome === "unchanged";
    return {
      imported: results.filter((result) => !isUnchanged(result)).map(({ path }) => path),
      unchanged: results.filter(isUnchanged).map(({ path }) => path),
      folders: this.#folders,
      bytes: results.reduce((sum, { size }) => sum + size, 0),
      skipped: this.#skipped.filter((entry) => entry !== undefined),
    };
  }

  async #takeFile(place: number, entry: FileEntry, path: FsPath): Promise<void> {
    const staged = await this.#stage(place, entry, path);
    if (staged === undefined) return;
    const onPut = (result: WriteResult) => {
      this.#results[place] = { ...result, path };
    };
    await this.#batch.add({ kind: "file", path, staged, onPut });
  }

  /** Nothing when the file had to be left out. */
  async #stage(place: number, entry: FileEntry, path: FsPath): Promise<StagedContent | undefined> {
    const before = await this.#known.fileAt(path);
    const source = this.#open(place, entry);
    if (source === undefined) return undefined;
    let done = 0;
    try {
      return await stageContent(this.#context, source, before, {
        signal: this.#options.signal,
        expected: entry.size,
        onStaged: (size) => {
          checkFileSize(path, size);
          this.#staged += size - done;
          done = size;
          this.#options.onProgress?.({ done: this.#staged });
        },
      });
    } catch (error) {
      const isTooLarge = hasCode(error, "FILE_TOO_LARGE");
      if (!isTooLarge && (!source.hasFailed || this.#options.signal?.aborted === true)) throw error;
      this.#skip(place, entry, isTooLarge ? "TOO_LARGE" : whyUnreadable(error), error);
      return undefined;
    } finally {
      source.close();
    }
  }

  #open(place: number, entry: FileEntry): SourceReader | undefined {
    try {
      return SourceReader.open(entry.open());
    } catch (error) {
      this.#skip(place, entry, whyUnreadable(error), error);
      return undefined;
    }
  }

  #skip(place: number, { names }: ImportEntry, reason: SkipReason, error?: unknown): void {
    const path = names.join("/");
    this.#skipped[place] = error === undefined ? { path, reason } : { path, reason, error };
  }
}

function skipReason(context: WorkspaceContext, entry: ImportEntry, path: FsPath): SkipReason | undefined {
  if (entry.kind === "other") return "SYMBOLIC_LINK_OR_SPECIAL_FILE";
  if (FsPath.names(path).some((name) => context.pattern.matches(name))) return "PREVENT_SYNC_PATTERN";
  return entry.kind === "file" && entry.size > maxFileSize ? "TOO_LARGE" : undefined;
}

/**
 * What Node (`code`) and browsers (`name`) say of a file that cannot be read.
 * @throws InvalidArgumentError when the content is none: that is the caller's fault, and not the file's
 */
function whyUnreadable(error: unknown): SkipReason {
  if (error instanceof InvalidArgumentError) throw error;
  if (typeof error !== "object" || error === null || ParsecError.is(error)) return "UNREADABLE";
  const isGone = ("code" in error && error.code === "ENOENT") || ("name" in error && error.name === "NotFoundError");
  return isGone ? "VANISHED" : "UNREADABLE";
}

/**
 * The files that are in the workspace already. Each folder is walked to once, and what it holds is fetched in one
 * request. What changes meanwhile is found out when the content is put in the tree.
 */
class KnownFiles {
  readonly #context: WorkspaceContext;
  readonly #options: ManifestOptions;
  readonly #folders = new Map<FsPath, Promise<VlobId | undefined>>();

  constructor(context: WorkspaceContext, options: ManifestOptions) {
    this.#context = context;
    this.#options = options;
  }

  async fileAt(path: FsPath): Promise<LocalFileManifest | undefined> {
    const child = await this.#childAt(path);
    return child !== undefined && isFile(child) ? child : undefined;
  }

  async #childAt(path: FsPath) {
    const name = FsPath.name(path);
    const id = await this.#folder(FsPath.parent(path));
    if (name === undefined || id === undefined) return undefined;
    const source = this.#context.manifests.with(this.#options);
    const folder = await source.find(id);
    return folder !== undefined && isFolder(folder) ? childOf(this.#context, source, folder, name) : undefined;
  }

  #folder(path: FsPath): Promise<VlobId | undefined> {
    const known = this.#folders.get(path) ?? this.#find(path);
    this.#folders.set(path, known);
    return known;
  }

  async #find(path: FsPath): Promise<VlobId | undefined> {
    const { manifests, realmId } = this.#context;
    const isRoot = FsPath.isRoot(path);
    const folder = isRoot ? await manifests.get(realmId, this.#options) : await this.#childAt(path);
    if (folder === undefined || !isFolder(folder)) return undefined;
    await manifests.lookUp([...folder.children.values()], this.#options);
    return folder.base.id;
  }
}
