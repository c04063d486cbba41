import { requireArgument, throwIfAborted } from "@parsec/base";
import { DateTime, FsPath, type VlobId } from "@parsec/types";
import { requireId, requireOptions } from "../../arguments.ts";
import { BlockMemory } from "../open-files/block-memory.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { HistoryError } from "./errors.ts";
import { HistoryFile } from "./history-file.ts";
import { asHistoryFile, type HistoryEntry, type HistoryStat, HistoryTree, historyStat } from "./history-tree.ts";
import type { HistorySource, SourceOptions } from "./source.ts";

/**
 * A workspace as it was: everything is told as of {@link time}, which is the beginning until it is set. Names that
 * devices keep to themselves do not show, since nobody ever uploaded them.
 *
 * It ends with its workspace.
 */
export class WorkspaceHistory {
  readonly #tree: HistoryTree;
  readonly #memory = new BlockMemory();
  #time: DateTime;
  #isClosed = false;

  constructor(source: HistorySource) {
    this.#tree = new HistoryTree(source);
    this.#time = source.lowerBound;
  }

  get id(): VlobId {
    return this.#tree.source.realmId;
  }

  /** From the first upload to when the history was opened, or the workspace exported; both included. */
  get bounds(): { readonly lower: DateTime; readonly higher: DateTime } {
    const { lowerBound: lower, higherBound: higher } = this.#tree.source;
    return { lower, higher };
  }

  /** The moment that everything is told of. */
  get time(): DateTime {
    return this.#time;
  }

  /**
   * Sets {@link time}, in microseconds since the epoch or as a `Date`, once it is sure that the workspace can be shown as
   * of then; on a failure nothing changes.
   * @throws HistoryError OLDER_THAN_LOWER_BOUND, NEWER_THAN_HIGHER_BOUND, INVALID_HISTORY; what reading the root throws
   */
  async setTime(time: DateTime | Date, options: SourceOptions = {}): Promise<void> {
    this.#check(options);
    const at = toDateTime("time", time);
    checkBounds(this.#tree.source, at);
    await this.#tree.get(this.id, at, options);
    this.#time = at;
  }

  /** @throws WorkspaceError ENTRY_NOT_FOUND; HistoryError INVALID_HISTORY; what reading throws */
  async stat(path: string, options: SourceOptions = {}): Promise<HistoryStat> {
    return historyStat(await this.#resolve(path, options));
  }

  /** As {@link stat}, also of an entry that no folder led to. */
  async statById(id: VlobId, options: SourceOptions = {}): Promise<HistoryStat> {
    return historyStat(await this.#get(id, options));
  }

  /** The entries of a folder, by ascending name. @throws as {@link stat}; WorkspaceError ENTRY_IS_FILE */
  async *list(path: string, options: SourceOptions = {}): AsyncGenerator<HistoryEntry, void, undefined> {
    const time = this.#time;
    yield* await this.#tree.list(await this.#resolve(path, options), time, options);
  }

  async *listById(id: VlobId, options: SourceOptions = {}): AsyncGenerator<HistoryEntry, void, undefined> {
    const time = this.#time;
    yield* await this.#tree.list(await this.#get(id, options), time, options);
  }

  /** @throws as {@link stat}; WorkspaceError ENTRY_IS_FOLDER */
  async open(path: string, options: SourceOptions = {}): Promise<HistoryFile> {
    return this.#open(path, await this.#resolve(path, options));
  }

  async openById(id: VlobId, options: SourceOptions = {}): Promise<HistoryFile> {
    return this.#open(id, await this.#get(id, options));
  }

  /** The content of a file, as a stream. @throws as {@link open} */
  async readFile(path: string, options: SourceOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return (await this.open(path, options)).readable(options);
  }

  /** Nothing can be asked afterwards. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.clear();
    await this.#tree.source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #resolve(path: string, options: SourceOptions): Promise<RemoteManifest> {
    this.#check(options);
    return this.#tree.resolve(FsPath.parse(path), this.#time, options);
  }

  async #get(id: VlobId, options: SourceOptions): Promise<RemoteManifest> {
    this.#check(options);
    requireId("id", id);
    return this.#tree.get(id, this.#time, options);
  }

  #open(path: string, manifest: RemoteManifest): HistoryFile {
    return new HistoryFile(this.#tree.source, this.#memory, asHistoryFile(path, manifest));
  }

  #check(options: SourceOptions): void {
    requireOptions(options);
    throwIfAborted(options.signal);
    throwIfAborted(this.#tree.source.closed);
    if (this.#isClosed)
      throw new HistoryError("HISTORY_CLOSED", "This history is closed: ask the workspace for another");
  }
}

/** @throws InvalidArgumentError */
export function toDateTime(argument: string, time: DateTime | Date): DateTime {
  const micros = time instanceof Date ? time.getTime() * 1000 : time;
  const isTime = typeof micros === "number" && Number.isSafeInteger(micros);
  requireArgument(argument, time, "a Date, or microseconds since the epoch", isTime);
  return DateTime.fromMicros(micros);
}

/** @throws HistoryError OLDER_THAN_LOWER_BOUND, NEWER_THAN_HIGHER_BOUND */
export function checkBounds({ lowerBound, higherBound }: HistorySource, at: DateTime): void {
  if (at < lowerBound) {
    throw new HistoryError("OLDER_THAN_LOWER_BOUND", `The history begins at ${DateTime.formatRfc3339(lowerBound)}`);
  }
  if (at > higherBound) {
    throw new HistoryError("NEWER_THAN_HIGHER_BOUND", `The history ends at ${DateTime.formatRfc3339(higherBound)}`);
  }
}
