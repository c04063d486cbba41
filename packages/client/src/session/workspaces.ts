import type { OperationOptions } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { WorkspaceInfo } from "../realms/realms.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The workspaces of a session. Names may repeat; ids never do. */
export interface Workspaces {
  /**
   * A new workspace, durable on this device at once; its realm is made on the server when that is reachable.
   * @throws INVALID_ENTRY_NAME
   */
  create(name: string, options?: OperationOptions): Promise<Workspace>;
  /** Those that this device knows, sorted by name. No network. */
  list(): readonly WorkspaceInfo[];
  /**
   * Opens one, or gives the one that is open.
   * @throws WORKSPACE_NOT_FOUND
   */
  get(id: VlobId): Promise<Workspace>;
  /** All that have this name. */
  find(name: string): Promise<readonly Workspace[]>;
  /** Brings the list in step with the certificates (spec 09a §7.8). */
  refresh(options?: OperationOptions): Promise<void>;
}
