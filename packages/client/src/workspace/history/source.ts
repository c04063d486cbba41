import type { BlockAccess, DateTime, DeviceId, UserId, VlobId } from "@parsec/types";
import type { InvalidManifestError } from "../errors.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";

export interface SourceOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One version of an entry, or why what the source gave for it is refused. */
export type SourcedVersion =
  | { readonly version: number; readonly manifest: RemoteManifest }
  | { readonly version: number; readonly damage: InvalidManifestError };

/** Where the history of a workspace is read: the server, or a file that it was exported to. All is checked. */
export interface HistorySource {
  readonly realmId: VlobId;
  /** The first version of the root. */
  readonly firstRoot: RemoteManifest;
  /** Its moment. */
  readonly lowerBound: DateTime;
  readonly higherBound: DateTime;
  /**
   * The versions of that moment; entries that did not exist then are left out.
   * @throws InvalidManifestError when one of them is refused
   */
  versionsAt(ids: readonly VlobId[], at: DateTime, options: SourceOptions): Promise<readonly RemoteManifest[]>;
  /** All versions of an entry, the latest first. */
  versionsOf(id: VlobId, options: SourceOptions): AsyncIterable<SourcedVersion>;
  /** The content of a block, in clear. */
  block(access: BlockAccess, options: SourceOptions): Promise<Uint8Array>;
  /** Whose device that is. */
  userOf(device: DeviceId): UserId | undefined;
  /** Aborts when there is nothing more to be had. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
}
