import type { ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { DispatchedEvent, ServerEvent } from "../../events/event.ts";
import type { AccountQueries } from "./accounts.ts";
import type { CryptpadQueries } from "./cryptpad.ts";
import type { EnrollmentQueries } from "./enrollments.ts";
import type { InvitationQueries } from "./invitations.ts";
import type { OrganizationQueries } from "./organizations.ts";
import type { RealmQueries } from "./realms.ts";
import type { SequesterQueries } from "./sequester.ts";
import type { ShamirQueries } from "./shamir.ts";
import type { LockMode, Topic, TopicQueries } from "./topics.ts";
import type { TotpQueries } from "./totp.ts";
import type { UserQueries } from "./users.ts";
import type { BlockQueries, VlobQueries } from "./vlobs.ts";

/** The named queries, by what they are about. Rows are plain and immutable, never live objects of the store. */
export interface Queries {
  readonly organizations: OrganizationQueries;
  readonly topics: TopicQueries;
  readonly users: UserQueries;
  readonly realms: RealmQueries;
  readonly vlobs: VlobQueries;
  readonly blocks: BlockQueries;
  readonly invitations: InvitationQueries;
  readonly shamir: ShamirQueries;
  readonly sequester: SequesterQueries;
  readonly enrollments: EnrollmentQueries;
  readonly totp: TotpQueries;
  readonly cryptpad: CryptpadQueries;
  readonly accounts: AccountQueries;
}

export interface Transaction extends Queries {
  /** Holds the topic until the end. Take locks in the order common, realm, sequester, shamir; read after locking. */
  lock(organizationId: OrganizationId, topic: Topic, mode: LockMode): Promise<void>;
  /** Holds every topic of the organization for writing: loading a dump, removing the organization. */
  lockAll(organizationId: OrganizationId): Promise<void>;
  /** Told to the subscribers of every process once the transaction has committed, in the order emitted. */
  emit(event: ServerEvent): void;
}

/** How a transaction ends, with what it gives. Throwing rolls back too. */
export interface Outcome<T> {
  readonly end: "commit" | "rollback";
  readonly value: T;
}

/**
 * Whose transaction it is. A store may prepare what the same command needed the last time; what happens does not depend
 * on it.
 */
export interface TransactionOrigin {
  readonly command: string;
  /** Null for the commands of the server as a whole. */
  readonly organizationId: OrganizationId | null;
}

/**
 * The server's metadata store: one transaction a command. Mails, webhooks and block bytes never happen inside one.
 * @throws StoreUnavailableError when the transaction could not be done; nothing of it is then kept
 */
export interface Store {
  /** `run` may be called again, when others were in the way: it does nothing but through its transaction. */
  transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>, origin?: TransactionOrigin): Promise<T>;
  /**
   * Runs `run` while no other call with the same key runs, in any process of this server: for work that a transaction
   * must not hold, such as the upload of a block that a row names afterwards. Not reentrant.
   */
  exclusively<T>(key: string, run: () => Promise<T>): Promise<T>;
  /**
   * Calls `listener` with each event committed from now on, in the order of the commits, and `onGap` when events may
   * have been lost: at once, when none can be heard now. Returns what ends it.
   */
  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void;
  /** Resolves when the store has given up for good, with the reason; never, for most. */
  readonly failure: Promise<ParsecError>;
  /** Empties the store. Testbed only. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
