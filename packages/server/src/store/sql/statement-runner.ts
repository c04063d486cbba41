import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** A database that runs statements beside the transactions of commands; each is committed by itself. */
export interface StatementRunner {
  /** One statement, which nothing else may be done with. @throws StoreUnavailableError */
  statement<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
}
