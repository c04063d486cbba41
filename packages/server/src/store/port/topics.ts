import type { DateTime, OrganizationId, VlobId } from "@parsec/types";

/** What certificates are ordered within (spec 08a §5.1). */
export type Topic = "common" | "sequester" | "shamir_recovery" | { readonly realm: VlobId };

/** `write` waits for every reader and writer of the topic, `read` for writers (spec 08a §5.2). */
export type LockMode = "read" | "write";

/** The topic as text: the key of maps and tables. */
export function topicKey(topic: Topic): string {
  return typeof topic === "string" ? topic : `realm:${topic.realm}`;
}

export interface TopicQueries {
  /** Date of the topic's newest certificate; `undefined` for a topic without any. */
  last(organizationId: OrganizationId, topic: Topic): Promise<DateTime | undefined>;
  /** The topic has one more certificate. Its last date is the greatest one given. Needs the topic's write lock. */
  advance(organizationId: OrganizationId, topic: Topic, timestamp: DateTime): Promise<void>;
}
