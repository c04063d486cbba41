import type { DateTime, VlobId } from "@parsec/types";

/** One independent sequence of certificates (spec 09a §2.1). */
export type Topic =
  | { readonly kind: "common" }
  | { readonly kind: "sequester" }
  | { readonly kind: "shamir_recovery" }
  | { readonly kind: "realm"; readonly realmId: VlobId };

export const commonTopic: Topic = { kind: "common" };
export const sequesterTopic: Topic = { kind: "sequester" };
export const shamirTopic: Topic = { kind: "shamir_recovery" };

export function realmTopic(realmId: VlobId): Topic {
  return { kind: "realm", realmId };
}

/** DateTime of the last certificate of each topic; absent when there is none, or none is asked for. */
export interface TopicTimestamps {
  readonly common?: DateTime | undefined;
  readonly sequester?: DateTime | undefined;
  readonly shamirRecovery?: DateTime | undefined;
  readonly realm?: ReadonlyMap<VlobId, DateTime> | undefined;
}

/** True when `state` is at least as recent as `needed` in every topic that `needed` names (spec 09a §2.1). */
export function isUpToDate(state: TopicTimestamps, needed: TopicTimestamps): boolean {
  const reached = (have: DateTime | undefined, want: DateTime | undefined) =>
    want === undefined || (have !== undefined && have >= want);
  return (
    reached(state.common, needed.common) &&
    reached(state.sequester, needed.sequester) &&
    reached(state.shamirRecovery, needed.shamirRecovery) &&
    [...(needed.realm ?? [])].every(([realmId, want]) => reached(state.realm?.get(realmId), want))
  );
}
