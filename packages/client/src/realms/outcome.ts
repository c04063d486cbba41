import type { DateTime, VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";

/**
 * What became of an operation that makes a certificate (spec 09a §6.2). The author never inserts its certificate
 * itself: it comes back through a poll, in the order of the server.
 */
export type Outcome =
  /** The certificates known here say that it is done: nothing was sent. */
  | { readonly status: "local_idempotent" }
  /** The server says that it was done before. */
  | { readonly status: "remote_idempotent"; readonly timestamp: DateTime }
  | { readonly status: "uploaded"; readonly timestamp: DateTime };

export const localIdempotent: Outcome = { status: "local_idempotent" };

export function uploaded(timestamp: DateTime): Outcome {
  return { status: "uploaded", timestamp };
}

export function remoteIdempotent(timestamp: DateTime): Outcome {
  return { status: "remote_idempotent", timestamp };
}

export interface AuthoringOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Fetches the certificates of a realm up to the one that the operation made or found. */
export async function pollOutcome(
  context: SessionContext,
  realmId: VlobId,
  outcome: Outcome,
  options: AuthoringOptions,
): Promise<void> {
  if (outcome.status === "local_idempotent") return;
  await context.certificates.require({ realm: new Map([[realmId, outcome.timestamp]]) }, options);
}
