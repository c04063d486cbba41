import { type TopicQueries, topicKey } from "../port/topics.ts";
import { type MemoryData, organizationOf } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryTopics(data: MemoryData, journal: Journal): TopicQueries {
  return {
    async last(organizationId, topic) {
      return organizationOf(data, organizationId).topics.get(topicKey(topic));
    },
    async advance(organizationId, topic, timestamp) {
      const { topics } = organizationOf(data, organizationId);
      const last = topics.get(topicKey(topic));
      if (last === undefined || last < timestamp) journal.set(topics, topicKey(topic), timestamp);
    },
  };
}
