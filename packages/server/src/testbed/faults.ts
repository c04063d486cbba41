import type { ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "../block-store/port.ts";
import type { DispatchedEvent } from "../events/event.ts";
import type { Mail, Mailer, MailOutcome } from "../mail/port.ts";
import { StoreUnavailableError } from "../store/errors.ts";
import type { Outcome, Store, Transaction, TransactionOrigin } from "../store/port/store.ts";

/** How the fake OpenBao refuses: nobody has unsealed it, or the token has expired. */
export const openBaoRefusals = ["SEALED", "TOKEN_EXPIRED"] as const;
export type OpenBaoRefusal = (typeof openBaoRefusals)[number];

/** What can be made to fail (spec 13 §7; `openbao` is an addition of ours). */
export type Fault =
  | { readonly kind: "block_store"; readonly operation: "read" | "write" }
  | { readonly kind: "mail"; readonly outcome: Exclude<MailOutcome, "SENT"> }
  | { readonly kind: "openbao"; readonly outcome: OpenBaoRefusal }
  | { readonly kind: "database" };

interface Pending {
  readonly fault: Fault;
  remaining: number;
}

/** The failures that are still to come, by what they hit. */
export class Faults {
  readonly #pending = new Map<string, Pending>();

  /** The next `count` operations of that kind fail; 0 takes an earlier request back. */
  set(fault: Fault, count: number): void {
    this.#pending.set(keyOf(fault), { fault, remaining: count });
  }

  /** The failure that hits this operation, now used up. */
  take<K extends Fault["kind"]>(
    kind: K,
    operation?: "read" | "write",
  ): Extract<Fault, { readonly kind: K }> | undefined {
    const pending = this.#pending.get(operation === undefined ? kind : `${kind} ${operation}`);
    if (pending === undefined || pending.remaining === 0) return undefined;
    pending.remaining -= 1;
    return isKind(pending.fault, kind) ? pending.fault : undefined;
  }

  clear(): void {
    this.#pending.clear();
  }
}

function keyOf(fault: Fault): string {
  return fault.kind === "block_store" ? `${fault.kind} ${fault.operation}` : fault.kind;
}

function isKind<K extends Fault["kind"]>(fault: Fault, kind: K): fault is Extract<Fault, { readonly kind: K }> {
  return fault.kind === kind;
}

/** A block store that fails when told to. */
export class FaultyBlockStore implements BlockStore {
  readonly #inner: BlockStore;
  readonly #faults: Faults;

  constructor(inner: BlockStore, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  get keying(): BlockStore["keying"] {
    return this.#inner.keying;
  }

  async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    this.#fail("write");
    await this.#inner.put(key, block, options);
  }

  async *get(key: BlockKey, content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    this.#fail("read");
    yield* this.#inner.get(key, content, options);
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    return await this.#inner.has(key, options);
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await this.#inner.delete(key, options);
  }

  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    return this.#inner.list(organizationId, options);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  #fail(operation: "read" | "write"): void {
    if (!this.#faults.take("block_store", operation)) return;
    throw new BlockStoreError("BLOCK_STORE_FAILED", "A failure asked for by the testbed");
  }
}

/** A mailer that fails when told to. */
export class FaultyMailer implements Mailer {
  readonly #inner: Mailer;
  readonly #faults: Faults;

  constructor(inner: Mailer, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  async send(mail: Mail): Promise<MailOutcome> {
    return this.#faults.take("mail")?.outcome ?? (await this.#inner.send(mail));
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}

/** A store whose transactions fail when told to. */
export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #faults: Faults;

  constructor(inner: Store, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  get failure(): Promise<ParsecError> {
    return this.#inner.failure;
  }

  async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>, origin?: TransactionOrigin): Promise<T> {
    if (this.#faults.take("database")) throw new StoreUnavailableError("A failure asked for by the testbed");
    return await this.#inner.transaction(run, origin);
  }

  async exclusively<T>(key: string, run: () => Promise<T>): Promise<T> {
    return await this.#inner.exclusively(key, run);
  }

  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void {
    return this.#inner.subscribe(listener, onGap);
  }

  async reset(): Promise<void> {
    await this.#inner.reset();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
