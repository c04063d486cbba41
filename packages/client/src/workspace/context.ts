import type { Semaphore } from "@parsec/base";
import type { WorkspaceStore } from "@parsec/storage";
import type { PreventSyncPattern, VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import type { ChunkPins } from "./content/chunk-pins.ts";
import type { ChunkWriter } from "./content/chunk-writer.ts";
import type { Manifests } from "./manifests.ts";
import type { SentChunks } from "./sync/sent-chunks.ts";
import type { TreeLock } from "./tree-lock.ts";

/** What the operations of one started workspace share. */
export interface WorkspaceContext {
  readonly session: SessionContext;
  /** The realm, and the id of the root folder. */
  readonly realmId: VlobId;
  readonly store: WorkspaceStore;
  readonly manifests: Manifests;
  /** Whoever changes manifests holds it. */
  readonly tree: TreeLock;
  /** Which content is in use. */
  readonly pins: ChunkPins;
  /** Stores the content of small files. */
  readonly chunkWriter: ChunkWriter;
  /** Which content the server has. */
  readonly sentChunks: SentChunks;
  /** Entries whose name it matches stay on this device (spec 11 §9). */
  readonly pattern: PreventSyncPattern;
  /** Held by each block on its way up: many files at once must not hold many blocks in memory. */
  readonly uploads: Semaphore;
  /** Aborts when the workspace is closed. */
  readonly closed: AbortSignal;
}
