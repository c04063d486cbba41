import { throwIfAborted } from "@parsec/base";
import { FsPath, type OrganizationId } from "@parsec/types";
import { requireOptions } from "../../arguments.ts";
import { entryNotFound, InvalidManifestError } from "../errors.ts";
import { HistoryTree } from "../history/history-tree.ts";
import type { HistorySource, SourceOptions } from "../history/source.ts";
import { type DamagedVersion, type EntryVersion, versionsIn } from "../history/versions.ts";
import { WorkspaceHistory } from "../history/workspace-history.ts";

/** An exported workspace, as it was at any moment until its export. Ends with {@link close}, which closes its file. */
export class RealmExport extends WorkspaceHistory {
  readonly organizationId: OrganizationId;
  readonly #source: HistorySource;

  /** @internal */
  constructor(source: HistorySource, organizationId: OrganizationId) {
    super(source);
    this.#source = source;
    this.organizationId = organizationId;
  }

  /**
   * The versions of an entry, the latest first, whatever {@link time} is. A path that led nowhere at the end is that of
   * the entry that had it last.
   * @throws WorkspaceError ENTRY_NOT_FOUND when nothing ever had it; what reading throws
   */
  async *versions(
    path: string,
    options: SourceOptions = {},
  ): AsyncGenerator<EntryVersion | DamagedVersion, void, undefined> {
    requireOptions(options);
    throwIfAborted(options.signal);
    throwIfAborted(this.#source.closed);
    const tree = new HistoryTree(this.#source);
    const atEnd = async (at: FsPath) => {
      if (FsPath.isRoot(at)) return this.id;
      try {
        return (await tree.resolve(at, this.#source.higherBound, options)).id;
      } catch (error) {
        // A service that lost its keys sees earlier versions only: they may tell.
        throw error instanceof InvalidManifestError ? entryNotFound(at) : error;
      }
    };
    yield* versionsIn(this.#source, FsPath.parse(path), atEnd, options);
  }
}
