import { StorageError } from "@parsec/storage";
import {
  DateTime,
  EntryName,
  type LocalUserManifestWorkspaceEntry,
  newLocalRootManifest,
  type RealmArchivingConfiguration,
  type RealmRole,
  VlobId,
  workspaceEntry,
} from "@parsec/types";
import { ClientError } from "../errors.ts";
import { currentRealmName } from "../realms/realm-name.ts";
import { insertEntry, listWorkspaces, newWorkspaceEntry } from "../user-manifest/workspace-entries.ts";
import { Workspace } from "../workspace/workspace.ts";
import type { SessionContext } from "./context.ts";

/** A workspace as the frontend lists it. */
export interface WorkspaceInfo {
  readonly id: VlobId;
  readonly name: EntryName;
  readonly role: RealmRole;
  /** False until its name is on the server: it was created offline, or an owner has still to finish it. */
  readonly isBootstrapped: boolean;
  readonly archiving: RealmArchivingConfiguration;
  readonly canSelfPromoteToOwner: boolean;
}

export interface WorkspacesOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The workspaces of a session. Names may repeat; ids never do. */
export class Workspaces {
  readonly #context: SessionContext;
  readonly #open = new Map<VlobId, Promise<Workspace>>();

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * A new workspace, durable on this device at once; its realm is made on the server when that is reachable.
   * @throws EntryNameError, StorageError
   */
  async create(name: string, options: WorkspacesOptions = {}): Promise<Workspace> {
    const { storage, userManifest, device, clock, events } = this.#context;
    const entry = newWorkspaceEntry(VlobId.generate(), EntryName.parse(name));
    const root = newLocalRootManifest(device.deviceId, entry.id, DateTime.now(clock), { speculative: false });
    await userManifest.update(async (manifest) => {
      // First the storage: a crash in between leaves a folder that nobody lists, never an entry without content.
      await storage.initializeWorkspace(entry.id, root);
      return { ...manifest, localWorkspaces: insertEntry(manifest.localWorkspaces, entry) };
    }, options);
    events.send({ type: "workspace_created_locally", realmId: entry.id });
    return this.get(entry.id);
  }

  /** Those that this device knows, sorted by name. No network. */
  list(): readonly WorkspaceInfo[] {
    return this.#context.userManifest.current.localWorkspaces.map(workspaceInfo);
  }

  /** @throws ClientError WORKSPACE_NOT_FOUND */
  info(id: VlobId): WorkspaceInfo {
    const entry = workspaceEntry(this.#context.userManifest.current, id);
    if (entry === undefined) throw new ClientError("WORKSPACE_NOT_FOUND");
    return workspaceInfo(entry);
  }

  /**
   * Opens one, or gives the one that is open.
   * @throws ClientError WORKSPACE_NOT_FOUND, SESSION_CLOSED; StorageError
   */
  async get(id: VlobId): Promise<Workspace> {
    if (this.#context.signal.aborted) throw new ClientError("SESSION_CLOSED");
    this.info(id);
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    const opening = Workspace.open(this.#context, id);
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    return opening;
  }

  /** All that have this name. */
  async find(name: string): Promise<readonly Workspace[]> {
    const found = this.list().filter((workspace) => workspace.name === name);
    return Promise.all(found.map(({ id }) => this.get(id)));
  }

  /**
   * Brings the list in step with the certificates, and forgets the workspaces that were taken from us (spec 09a §7.8).
   * @throws RealmKeysError
   */
  async refresh(options: WorkspacesOptions = {}): Promise<void> {
    const { certificates, realmKeys, userManifest, device, clock, events } = this.#context;
    let lost: readonly VlobId[] = [];
    const isChanged = await userManifest.update(async (manifest) => {
      const { view } = certificates;
      const source = {
        view,
        self: device.userId,
        userRealmId: device.userRealmId,
        now: DateTime.now(clock),
        readName: (realmId: VlobId) => currentRealmName(view, realmKeys, realmId, options),
      };
      const list = await listWorkspaces(source, manifest.localWorkspaces);
      lost = list.lost;
      return { ...manifest, localWorkspaces: list.entries };
    }, options);
    for (const id of lost) await this.#forget(id);
    if (isChanged) events.send({ type: "workspaces_changed" });
  }

  /** Those that are open now. */
  async opened(): Promise<readonly Workspace[]> {
    return Promise.all(this.#open.values());
  }

  /** Closes all; waits for no network. */
  async close(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.#close(id);
  }

  async #close(id: VlobId): Promise<void> {
    const opening = this.#open.get(id);
    this.#open.delete(id);
    await (await opening)?.close();
  }

  /** What cannot be deleted now stays: it is encrypted, nobody lists it, and the next loss of the same realm tries again. */
  async #forget(id: VlobId): Promise<void> {
    await this.#close(id);
    try {
      await this.#context.storage.removeWorkspace(id);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const fields = { realmId: id, code: error.code };
      this.#context.diagnostics({ area: "client", event: "workspace_not_removed", fields });
    }
  }
}

function workspaceInfo(entry: LocalUserManifestWorkspaceEntry): WorkspaceInfo {
  return {
    id: entry.id,
    name: entry.name,
    role: entry.role,
    isBootstrapped: entry.nameOrigin.type === "CERTIFICATE",
    archiving: entry.archivingConfiguration ?? { type: "AVAILABLE" },
    canSelfPromoteToOwner: entry.canSelfPromoteToOwner ?? false,
  };
}
