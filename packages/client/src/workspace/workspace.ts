import type { OperationOptions } from "@parsec/base";
import type { EntryName, RealmRole, UserId, VlobId } from "@parsec/types";
import type { ArchivingRequest, WorkspaceInfo, WorkspaceMember } from "../realms/realms.ts";
import type { SessionContext } from "../session/context.ts";

/** One workspace of a session: its members, its files. */
export class Workspace {
  readonly id: VlobId;
  readonly #context: SessionContext;

  private constructor(context: SessionContext, id: VlobId) {
    this.#context = context;
    this.id = id;
  }

  /** Opens the local storage of a workspace that `context.workspaceInfo` lists, and starts what keeps it in step. */
  static async open(context: SessionContext, id: VlobId): Promise<Workspace> {
    return new Workspace(context, id);
  }

  /** Name, role and state as last known. */
  get info(): WorkspaceInfo {
    return this.#context.workspaceInfo(this.id);
  }

  get name(): EntryName {
    return this.info.name;
  }

  get role(): RealmRole {
    return this.info.role;
  }

  /** The members who are not revoked, as last known. */
  members(): readonly WorkspaceMember[] {
    return this.#context.realms.members(this.id);
  }

  /** Gives `userId` a role, or changes it. */
  share(userId: UserId, role: RealmRole, options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.share(this.id, userId, role, options);
  }

  unshare(userId: UserId, options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.unshare(this.id, userId, options);
  }

  rename(name: string, options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.rename(this.id, name, options);
  }

  rotateKey(options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.rotateKey(this.id, options);
  }

  archive(configuration: ArchivingRequest, options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.archive(this.id, configuration, options);
  }

  selfPromoteToOwner(options: OperationOptions = {}): Promise<void> {
    return this.#context.realms.selfPromoteToOwner(this.id, options);
  }

  /** Stops its work and closes its storage; waits for no network. Called by the session. */
  async close(): Promise<void> {}

  /** Sends to the server what this device has and it has not. */
  async sync(_options: OperationOptions = {}): Promise<void> {}
}
