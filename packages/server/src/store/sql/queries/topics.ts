import { type Topic, type TopicQueries, topicKey } from "../../port/topics.ts";
import { organizationKey, type SqlConnection, type WriteGuard } from "../database.ts";

export function sqlTopics(connection: SqlConnection, guard: WriteGuard): TopicQueries {
  const { db } = connection;
  return {
    async last(organizationId, topic: Topic) {
      const row = await db
        .selectFrom("topic")
        .select("last_timestamp")
        .where("organization", "=", organizationKey(connection, organizationId))
        .where("name", "=", topicKey(topic))
        .executeTakeFirst();
      return row?.last_timestamp;
    },
    async advance(organizationId, topic, timestamp) {
      await guard.shared(organizationId);
      await db
        .insertInto("topic")
        .values({
          organization: organizationKey(connection, organizationId),
          name: topicKey(topic),
          last_timestamp: timestamp,
        })
        .onConflict((conflict) =>
          conflict
            .columns(["organization", "name"])
            .doUpdateSet({ last_timestamp: timestamp })
            .where("topic.last_timestamp", "<", timestamp),
        )
        .execute();
    },
  };
}
