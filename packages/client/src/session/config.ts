/** What an application may tune. Every field has a default (spec 09a §11). */
export interface SessionConfig {
  /** Size limit of the block cache of each workspace, in bytes. */
  readonly blockCacheBytes: number;
  /**
   * Glob patterns of the file names that stay on this device (spec 09a §11, prevent-sync pattern), or the text of an
   * ignore file with one of them a line. The default ones apply without any, and in place of a text with a line that is
   * no glob.
   */
  readonly preventSyncPatterns: readonly string[] | string | undefined;
  /**
   * The name of the folder, at the top of a workspace, for what has lost its place when several changed the tree at once.
   * In the language of the user; `lost+found` by default.
   */
  readonly lostAndFoundName: string;
  /** `auto`: monitors keep the device in step with the server. `manual`: only when told. */
  readonly sync: "auto" | "manual";
}

/** 512 MiB, as the reference has it on a desktop. */
const defaultBlockCacheBytes = 512 * 1024 * 1024;

export function sessionConfig(options: Partial<SessionConfig>): SessionConfig {
  return {
    blockCacheBytes: options.blockCacheBytes ?? defaultBlockCacheBytes,
    preventSyncPatterns: options.preventSyncPatterns,
    lostAndFoundName: options.lostAndFoundName ?? "lost+found",
    sync: options.sync ?? "auto",
  };
}
