import type { Semaphore } from "@parsec/base";
import type { WorkspaceStore } from "@parsec/storage";
import type { PreventSyncPattern, VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import type { EntryLocks } from "./entry-locks.ts";
import type { Manifests } from "./manifests.ts";

/** What the operations of one started workspace share. */
export interface WorkspaceContext {
  readonly session: SessionContext;
  /** The realm, and the id of the root folder. */
  readonly realmId: VlobId;
  readonly store: WorkspaceStore;
  readonly manifests: Manifests;
  readonly locks: EntryLocks;
  /** Entries whose name it matches stay on this device (spec 11 §9). */
  readonly pattern: PreventSyncPattern;
  /** Held by each block on its way up: many files at once must not hold many blocks in memory. */
  readonly uploads: Semaphore;
  /** Aborts when the workspace is closed. */
  readonly closed: AbortSignal;
}
