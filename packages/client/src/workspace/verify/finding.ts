import type { BlockId, VlobId } from "@parsec/types";

/**
 * What is wrong:
 * - `invalid_certificates`: the server gives certificates that break the rules.
 * - `certificates_went_back`: it has fewer than this device has seen.
 * - `invalid_manifest`: the latest version of an entry is refused. - `entry_missing`: a folder lists one that is not there.
 * - `entry_went_back`: the server has an older version than this device has seen. - `entry_differs`: another one of the
 *   same number.
 * - `invalid_block`: content that is not what its manifest promises. - `block_missing`: content that is not there.
 * - `local_damage`: what this device stored of an entry cannot be read; it is fetched again, but for what only this
 *   device had. - `local_content_lost`: content that only this device had cannot be read.
 */
export type FindingKind =
  | "invalid_certificates"
  | "certificates_went_back"
  | "invalid_manifest"
  | "entry_missing"
  | "entry_went_back"
  | "entry_differs"
  | "invalid_block"
  | "block_missing"
  | "local_damage"
  | "local_content_lost";

/** One thing that is wrong with a workspace. */
export interface Finding {
  readonly kind: FindingKind;
  readonly entryId: VlobId | undefined;
  /** Where the entry is, as far as folders lead to it. For the user of this device; never log it. */
  readonly path: string | undefined;
  readonly blockId: BlockId | undefined;
  /** What reading it threw, when it did. */
  readonly error: Error | undefined;
}

export function finding(kind: FindingKind, details: Partial<Omit<Finding, "kind">> = {}): Finding {
  const { entryId, path, blockId, error } = details;
  return { kind, entryId, path, blockId, error };
}
