import { hasCode, orAbort } from "@parsec/base";
import { EntryName, type RealmRole, type UserId, type VlobId } from "@parsec/types";
import { isRevokedAt, latest, membersAt, roleAt } from "../certificates/at.ts";
import type { SessionContext } from "../session/context.ts";
import type { ArchivingRequest } from "./archive-realm.ts";
import { type AuthoringOptions, type Outcome, pollOutcome } from "./outcome.ts";

/** One member of a workspace who is not revoked. */
export interface WorkspaceMember {
  readonly userId: UserId;
  readonly role: RealmRole;
}

/**
 * What the members of a workspace may do to it as a whole (spec 09a §7.4–§7.7). `Workspace` offers each as a method.
 * All throw WORKSPACE_NOT_FOUND for a realm that this device does not list. Each is loaded on first use.
 */
export class Realms {
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * Finishes what is not yet on the server: realm, first key, name. Does nothing when another OWNER has to.
   * @throws AuthoringError, RealmKeysError, REALM_DELETED; AUTHOR_NOT_ALLOWED when an OUTSIDER made the workspace
   */
  async ensureBootstrapped(realmId: VlobId, options: AuthoringOptions = {}): Promise<void> {
    const { name, isBootstrapped } = this.#context.workspaceInfo(realmId);
    if (isBootstrapped) return;
    await this.#poll(realmId, await this.#bootstrapIfAllowed(realmId, name, options), options);
    await this.#context.workspaces.refresh(options);
  }

  /** @throws EntryNameError, AuthoringError, RealmKeysError, RealmRefusal */
  async rename(realmId: VlobId, name: string, options: AuthoringOptions = {}): Promise<void> {
    this.#context.workspaceInfo(realmId);
    const newName = EntryName.parse(name);
    const { bootstrapRealm } = await orAbort(import("./bootstrap-realm.ts"), options.signal);
    const outcome = await bootstrapRealm(this.#context, realmId, newName, options);
    await this.#poll(realmId, outcome, options);
    if (outcome.status !== "uploaded") {
      const { renameRealm } = await orAbort(import("./rename-realm.ts"), options.signal);
      const renamed = await renameRealm(this.#context, realmId, newName, { ...options, isInitial: false });
      await this.#poll(realmId, renamed, options);
    }
    await this.#context.workspaces.refresh(options);
  }

  /** Gives another user a role, or changes it. @throws see `shareRealm` */
  async share(realmId: VlobId, userId: UserId, role: RealmRole, options: AuthoringOptions = {}): Promise<void> {
    await this.ensureBootstrapped(realmId, options);
    const { shareRealm } = await orAbort(import("./share-realm.ts"), options.signal);
    await this.#poll(realmId, await shareRealm(this.#context, realmId, userId, role, options), options);
  }

  /** Takes the role of another user away. @throws see `unshareRealm` */
  async unshare(realmId: VlobId, userId: UserId, options: AuthoringOptions = {}): Promise<void> {
    await this.ensureBootstrapped(realmId, options);
    const { unshareRealm } = await orAbort(import("./share-realm.ts"), options.signal);
    await this.#poll(realmId, await unshareRealm(this.#context, realmId, userId, options), options);
  }

  /** Makes a new key for what is written from now on. @throws see `rotateKey` */
  async rotateKey(realmId: VlobId, options: AuthoringOptions = {}): Promise<void> {
    await this.ensureBootstrapped(realmId, options);
    const next = this.#context.certificates.view.keyRotations(realmId).length + 1;
    const { rotateKey } = await orAbort(import("./rotate-key.ts"), options.signal);
    await this.#poll(realmId, await rotateKey(this.#context, realmId, next, options), options);
  }

  /** @throws see `archiveRealm` */
  async archive(realmId: VlobId, request: ArchivingRequest, options: AuthoringOptions = {}): Promise<void> {
    await this.ensureBootstrapped(realmId, options);
    const { archiveRealm } = await orAbort(import("./archive-realm.ts"), options.signal);
    await this.#poll(realmId, await archiveRealm(this.#context, realmId, request, options), options);
    await this.#context.workspaces.refresh(options);
  }

  /** @throws see `selfPromoteToOwner` */
  async selfPromoteToOwner(realmId: VlobId, options: AuthoringOptions = {}): Promise<void> {
    this.#context.workspaceInfo(realmId);
    const { selfPromoteToOwner } = await orAbort(import("./self-promote.ts"), options.signal);
    await this.#poll(realmId, await selfPromoteToOwner(this.#context, realmId, options), options);
    await this.#context.workspaces.refresh(options);
  }

  /** The members as far as is known; no network. */
  members(realmId: VlobId): readonly WorkspaceMember[] {
    const { view } = this.#context.certificates;
    return [...membersAt(view, realmId, latest)]
      .filter(([userId]) => !isRevokedAt(view, userId, latest))
      .map(([userId, role]) => ({ userId, role }));
  }

  /** Own role according to the certificates; `undefined` when they know no role, `null` when it was taken away. */
  selfRole(realmId: VlobId): RealmRole | null | undefined {
    const { certificates, device } = this.#context;
    return roleAt(certificates.view, realmId, device.userId, latest);
  }

  /** A shared workspace is bootstrapped already: who is not its OWNER has nothing to finish. */
  async #bootstrapIfAllowed(realmId: VlobId, name: EntryName, options: AuthoringOptions): Promise<Outcome> {
    const { bootstrapRealm } = await orAbort(import("./bootstrap-realm.ts"), options.signal);
    try {
      return await bootstrapRealm(this.#context, realmId, name, options);
    } catch (error) {
      if (!hasCode(error, "AUTHOR_NOT_ALLOWED") || this.selfRole(realmId) === undefined) throw error;
      return { status: "local_idempotent" };
    }
  }

  #poll(realmId: VlobId, outcome: Outcome, options: AuthoringOptions): Promise<void> {
    return pollOutcome(this.#context, realmId, outcome, options);
  }
}
