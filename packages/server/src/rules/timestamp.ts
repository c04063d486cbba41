import {
  ballparkClientEarlyOffset,
  ballparkClientLateOffset,
  DateTime,
  isInBallpark,
  type OrganizationId,
  type VlobId,
} from "@parsec/types";
import type { Scope } from "../commands/scope.ts";
import type { Transaction } from "../store/port/store.ts";
import type { Topic } from "../store/port/topics.ts";

/** *ballpark* of spec 08b §0: the error reply when the client's date is too far from the server's. */
export function outOfBallpark(scope: Pick<Scope, "server" | "now">, timestamp: DateTime) {
  if (!scope.server.checkBallpark || isInBallpark(timestamp, scope.now)) return undefined;
  return {
    status: "timestamp_out_of_ballpark",
    ballparkClientEarlyOffset,
    ballparkClientLateOffset,
    serverTimestamp: scope.now,
    clientTimestamp: timestamp,
  } as const;
}

/** What a new timestamp must be after: a topic's newest certificate, or the newest vlob of a realm. */
export type Reference = Topic | { readonly newestVlobOf: VlobId };

/** *greater* of spec 08b §0: the error reply unless `timestamp` is after every reference (spec 08a §5.3). */
export async function notGreater(
  scope: { readonly tx: Transaction; readonly organizationId: OrganizationId },
  timestamp: DateTime,
  references: readonly Reference[],
) {
  const { tx, organizationId } = scope;
  let last: DateTime | undefined;
  for (const reference of references) {
    const date =
      typeof reference === "object" && "newestVlobOf" in reference
        ? await tx.vlobs.newestTimestamp(organizationId, reference.newestVlobOf)
        : await tx.topics.last(organizationId, reference);
    if (date !== undefined && (last === undefined || date > last)) last = date;
  }
  if (last === undefined || timestamp > last) return undefined;
  return { status: "require_greater_timestamp", strictlyGreaterThan: last } as const;
}

/** A topic's last date; the epoch for a topic without certificate. */
export async function lastTimestamp(
  scope: { readonly tx: Transaction; readonly organizationId: OrganizationId },
  topic: Topic,
): Promise<DateTime> {
  return (await scope.tx.topics.last(scope.organizationId, topic)) ?? DateTime.fromMicros(0);
}
