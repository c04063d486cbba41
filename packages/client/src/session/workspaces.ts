import { orAbort, requireText } from "@parsec/base";
import {
  type CertificateBasedInfoOrigin,
  DateTime,
  EntryName,
  type LocalUserManifestWorkspaceEntry,
  newLocalRootManifest,
  type RealmArchivingConfiguration,
  type RealmRole,
  VlobId,
  workspaceEntry,
} from "@parsec/types";
import { requireId, requireOptions } from "../arguments.ts";
import { ClientError } from "../errors.ts";
import { currentRealmName } from "../realms/realm-name.ts";
import { insertEntry, listWorkspaces, newWorkspaceEntry } from "../user-manifest/workspace-entries.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { throwIfClosed } from "./closed.ts";
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
  /** Where the name, the role and the state come from: the certificate of a date, or this device alone. */
  readonly nameOrigin: CertificateBasedInfoOrigin;
  readonly roleOrigin: CertificateBasedInfoOrigin;
  readonly archivingOrigin: CertificateBasedInfoOrigin;
  /** Whether it is open now: `get` opens it, its `close` closes it. */
  readonly isStarted: boolean;
}

export interface WorkspacesOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The workspaces of a session. Names may repeat; ids never do. */
export class Workspaces {
  readonly #context: SessionContext;
  readonly #open = new Map<VlobId, Promise<Workspace>>();
  /** Those of `#open` that have been opened. */
  readonly #ready = new Set<Workspace>();

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * A new workspace, durable on this device at once; its realm is made on the server when that is reachable.
   * @throws EntryNameError, StorageError
   */
  async create(name: string, options: WorkspacesOptions = {}): Promise<Workspace> {
    throwIfClosed(this.#context);
    requireText("name", name);
    requireOptions(options);
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
    throwIfClosed(this.#context);
    return this.#context.userManifest.current.localWorkspaces.map((entry) => this.#infoOf(entry));
  }

  /** @throws ClientError WORKSPACE_NOT_FOUND, SESSION_CLOSED */
  info(id: VlobId): WorkspaceInfo {
    throwIfClosed(this.#context);
    requireId("id", id);
    const entry = workspaceEntry(this.#context.userManifest.current, id);
    if (entry === undefined) throw new ClientError("WORKSPACE_NOT_FOUND");
    return this.#infoOf(entry);
  }

  #infoOf(entry: LocalUserManifestWorkspaceEntry): WorkspaceInfo {
    const isStarted = [...this.#ready].some(({ id, isOpen }) => id === entry.id && isOpen);
    return { ...workspaceInfo(entry), isStarted };
  }

  /**
   * Opens one, or gives the one that is open. The first time ever on this device it asks the server for the root.
   * @throws ClientError WORKSPACE_NOT_FOUND, SESSION_CLOSED; StorageError
   */
  async get(id: VlobId, options: WorkspacesOptions = {}): Promise<Workspace> {
    requireOptions(options);
    // An abort ends the wait of one caller; there may be others.
    return orAbort(this.#get(id), options.signal);
  }

  async #get(id: VlobId): Promise<Workspace> {
    for (;;) {
      this.info(id);
      const known = this.#open.get(id);
      if (known === undefined) break;
      const workspace = await known;
      if (workspace.isOpen) return workspace;
      // Its storage has to be free before it is opened again.
      await workspace.close().catch(() => undefined);
      this.#ready.delete(workspace);
      if (this.#open.get(id) === known) this.#open.delete(id);
    }
    const opening = openWorkspace(this.#context, id);
    this.#open.set(id, opening);
    opening.then(
      (workspace) => this.#ready.add(workspace),
      () => {
        if (this.#open.get(id) === opening) this.#open.delete(id);
      },
    );
    return opening;
  }

  /** All that have this name. */
  async find(name: string, options: WorkspacesOptions = {}): Promise<readonly Workspace[]> {
    requireText("name", name);
    const found = this.list().filter((workspace) => workspace.name === name);
    return Promise.all(found.map(({ id }) => this.get(id, options)));
  }

  /**
   * Brings the list in step with the certificates (spec 09a §7.8). What this device has of a workspace that was taken
   * from us stays: the role may come back, and what was not uploaded then goes up.
   * @throws RealmKeysError
   */
  async refresh(options: WorkspacesOptions = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { certificates, realmKeys, userManifest, device, clock, events } = this.#context;
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
      return { ...manifest, localWorkspaces: list.entries };
    }, options);
    if (isChanged) events.send({ type: "workspaces_changed" });
  }

  /** Those that are open now. */
  async opened(): Promise<readonly Workspace[]> {
    throwIfClosed(this.#context);
    const workspaces = await Promise.all(this.#open.values());
    return workspaces.filter(({ isOpen }) => isOpen);
  }

  /** Stores what was written to files that are open, for the end of the session. Throws the first failure. */
  async storeOpenFiles(): Promise<void> {
    const stored = await Promise.allSettled([...this.#ready].map((workspace) => workspace.storeOpenFiles()));
    const failed = stored.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** Closes all, at once; waits for no network. Throws the first failure, when the others are closed. */
  async close(): Promise<void> {
    const closings = [...this.#open.values()].map(async (opening) => {
      const workspace = await opening.catch(() => undefined);
      await workspace?.close();
    });
    this.#open.clear();
    const failed = (await Promise.allSettled(closings)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }
}

function workspaceInfo(entry: LocalUserManifestWorkspaceEntry): Omit<WorkspaceInfo, "isStarted"> {
  return {
    id: entry.id,
    name: entry.name,
    role: entry.role,
    isBootstrapped: entry.nameOrigin.type === "CERTIFICATE",
    archiving: entry.archivingConfiguration ?? { type: "AVAILABLE" },
    canSelfPromoteToOwner: entry.canSelfPromoteToOwner ?? false,
    nameOrigin: entry.nameOrigin,
    roleOrigin: entry.roleOrigin,
    archivingOrigin: entry.archivingConfigurationOrigin ?? { type: "PLACEHOLDER" },
  };
}

/** What workspaces work with is loaded with the first of them: a page that logs in does not wait for it. */
async function openWorkspace(context: SessionContext, id: VlobId): Promise<Workspace> {
  const { Workspace } = await import("../workspace/workspace.ts");
  return Workspace.open(context, id);
}
