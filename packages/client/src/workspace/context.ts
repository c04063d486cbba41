import type { Semaphore } from "@parsec/base";
import type { WorkspaceStore } from "@parsec/storage";
import type { DeviceId, EntryName, PreventSyncPattern, VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import type { ChunkPins } from "./content/chunk-pins.ts";
import type { ChunkWriter } from "./content/chunk-writer.ts";
import type { KeptFiles } from "./kept/kept-files.ts";
import type { Manifests } from "./manifests.ts";
import type { OpenFiles } from "./open-files/open-files.ts";
import type { SentChunks } from "./sync/sent-chunks.ts";
import type { SentVersions } from "./sync/sent-versions.ts";
import type { TakeIn } from "./sync/take-in.ts";
import type { TreeLock } from "./tree-lock.ts";

/** What the operations of one started workspace share. */
export interface WorkspaceContext {
  readonly session: SessionContext;
  /** The realm, and the id of the root folder. */
  readonly realmId: VlobId;
  /** Who writes here. */
  readonly deviceId: DeviceId;
  readonly store: WorkspaceStore;
  readonly manifests: Manifests;
  /** Whoever changes manifests holds it. */
  readonly tree: TreeLock;
  /** Which content is in use. */
  readonly pins: ChunkPins;
  /** Which files somebody has open. */
  readonly openFiles: OpenFiles;
  /** Which files stay on this device. */
  readonly kept: KeptFiles;
  /** Stores the content of small files. */
  readonly chunkWriter: ChunkWriter;
  /** Which content the server has. */
  readonly sentChunks: SentChunks;
  readonly sent: SentVersions;
  /** What brings fetched versions into the local state. */
  readonly takeIn: TakeIn;
  /** Entries whose name it matches stay on this device (spec 11 §9). */
  readonly pattern: PreventSyncPattern;
  /** The folder of the root for what has lost its place. */
  readonly lostAndFoundName: EntryName;
  /** Whether the role of this user, and the state of the workspace, allow changes now. */
  readonly canWrite: () => boolean;
  /** Held by each block on its way up: many files at once must not hold many blocks in memory. */
  readonly uploads: Semaphore;
  /** Aborts when the workspace is closed. */
  readonly closed: AbortSignal;
}
