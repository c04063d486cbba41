import { BugError } from "@parsec/base";
import type { PoolClient } from "pg";
import type { StatementResult } from "../kysely.ts";
import { databaseError, leavesConnectionUsable } from "./errors.ts";
import { type Lock, tryLockStatement } from "./lock-set.ts";

/** More different statements than there are named queries: the rest is sent as text each time. */
const preparedLimit = 1000;
const preparedNames = new Map<string, string>();

/** The name under which a connection keeps a statement prepared. */
function preparedName(text: string): string | undefined {
  const known = preparedNames.get(text);
  if (known !== undefined || preparedNames.size >= preparedLimit) return known;
  const name = `parsec_${preparedNames.size}`;
  preparedNames.set(text, name);
  return name;
}

/** A date far away is a number that does not show all its digits as text. */
function exact(parameter: unknown): unknown {
  return Number.isInteger(parameter) && !Number.isSafeInteger(parameter) ? BigInt(Number(parameter)) : parameter;
}

/** One connection of the pool in use: statements one after the other, and what became of it. */
export class PostgresSession {
  readonly #client: PoolClient;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #usable = true;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  /** The first statement that failed: whatever was made of it, the transaction is lost. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** One statement, prepared once for each connection. @throws StoreUnavailableError, or what PostgreSQL says */
  async run(text: string, parameters: readonly unknown[]): Promise<StatementResult> {
    const name = preparedName(text);
    const query = { text, values: parameters.map(exact), ...(name === undefined ? {} : { name }) };
    const { rows, rowCount } = await this.#inTurn(() => this.#client.query<Readonly<Record<string, unknown>>>(query));
    return { rows, changed: rowCount ?? 0 };
  }

  /** Takes a lock to the end of the transaction, unless somebody would have to be waited for: then false. */
  async tryLock(lock: Lock): Promise<boolean> {
    const { rows } = await this.#inTurn(() => this.#client.query<{ readonly taken: boolean }>(tryLockStatement(lock)));
    return rows[0]?.taken === true;
  }

  /** Statements without parameters, sent together. */
  async exec(text: string): Promise<void> {
    await this.#inTurn(() => this.#client.query(text));
  }

  /** @throws StoreUnavailableError when nobody knows whether it was done */
  async commit(): Promise<void> {
    const { command } = await this.#inTurn(() => this.#client.query("commit"), true);
    // PostgreSQL's answer to a commit when a statement has failed.
    if (command === "ROLLBACK") throw new BugError("A transaction was committed although a statement had failed");
  }

  /** Never fails: a connection that cannot roll back is closed, which does it. */
  async rollBack(): Promise<void> {
    if (!this.#usable) return;
    try {
      await this.#inTurn(() => this.#client.query("rollback"));
    } catch {
      this.#usable = false;
    }
  }

  /** Gives the connection back, or away. */
  release(): void {
    this.#client.release(!this.#usable);
  }

  async #inTurn<T>(send: () => Promise<T>, atCommit = false): Promise<T> {
    const result = this.#last.then(send);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } catch (error) {
      if (!leavesConnectionUsable(error)) this.#usable = false;
      const told = databaseError(error, atCommit);
      this.#failure ??= { error: told };
      throw told;
    }
  }
}
