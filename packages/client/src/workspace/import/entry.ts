import type { ByteSource } from "../content/byte-source.ts";

/**
 * One entry of a tree that comes from outside. `names` leads to it from the top of the tree, raw as the outside has
 * them; a folder comes before what it holds.
 */
export type ImportEntry =
  | { readonly kind: "folder"; readonly names: readonly string[] }
  | {
      readonly kind: "file";
      readonly names: readonly string[];
      /** Bytes. */
      readonly size: number;
      /** Called at most once. What it gives is read to its end, or told that nobody reads on. */
      open(): ByteSource;
    }
  /** Something that a workspace cannot hold. */
  | { readonly kind: "other"; readonly names: readonly string[]; readonly what: string }
  /** Something that the outside cannot give. */
  | {
      readonly kind: "unreadable";
      readonly names: readonly string[];
      readonly reason: UnreadableReason;
      readonly error?: unknown;
    };

/**
 * Why content cannot be had: its name is not text (`names` shows it as well as it can), it is gone since its folder was
 * read, or reading it is refused or fails.
 */
export type UnreadableReason = "UNDECODABLE_NAME" | "VANISHED" | "UNREADABLE";

/** Why an entry was left out of an import. `TOO_LARGE`: its manifest would not fit in one request. */
export type SkipReason =
  | "SYMBOLIC_LINK_OR_SPECIAL_FILE"
  | "PREVENT_SYNC_PATTERN"
  | "INVALID_NAME"
  | "TOO_LARGE"
  | UnreadableReason;

export interface SkippedEntry {
  /** The raw names, joined by `/`. */
  readonly path: string;
  readonly reason: SkipReason;
  /** What the outside said, if anything. */
  readonly error?: unknown;
}

/** What an import did. Paths are those in the workspace. */
export interface ImportReport {
  readonly imported: readonly string[];
  /** Files whose size and content the workspace had already. */
  readonly unchanged: readonly string[];
  readonly folders: number;
  readonly bytes: number;
  readonly skipped: readonly SkippedEntry[];
}
