import { BugError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { ServerEvent } from "../../events/event.ts";
import type { Transaction } from "../port/store.ts";
import type { LockMode, Topic } from "../port/topics.ts";
import type { SqlDialect, WriteGuard } from "./database.ts";
import { kyselyOn, type RunStatement } from "./kysely.ts";
import { sqlQueries } from "./queries/index.ts";

/** How topics are locked; a database with one writer has nothing to do. */
export interface TopicLocks {
  lock(organizationId: OrganizationId, topic: Topic, mode: LockMode): Promise<void>;
  lockAll(organizationId: OrganizationId): Promise<void>;
}

/** A transaction of the port that is under way on a connection. */
export interface OpenTransaction {
  readonly tx: Transaction;
  /** Emitted so far. */
  readonly events: readonly ServerEvent[];
  /** From now on the transaction refuses all work. */
  finish(): void;
}

export function openTransaction(
  dialect: SqlDialect,
  run: RunStatement,
  guard: WriteGuard,
  locks: TopicLocks,
): OpenTransaction {
  const events: ServerEvent[] = [];
  let finished = false;
  const check = () => {
    if (finished) throw new BugError("A transaction is used after its end");
  };
  const db = kyselyOn(dialect, async (text, parameters) => {
    check();
    return await run(text, parameters);
  });
  return {
    tx: {
      ...sqlQueries({ db, dialect }, guard),
      lock: async (organizationId, topic, mode) => {
        check();
        await locks.lock(organizationId, topic, mode);
      },
      lockAll: async (organizationId) => {
        check();
        await locks.lockAll(organizationId);
      },
      emit: (event) => {
        check();
        events.push(event);
      },
    },
    events,
    finish: () => {
      finished = true;
    },
  };
}
