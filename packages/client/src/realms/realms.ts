import type { EntryName, RealmArchivingConfiguration, RealmRole, UserId, VlobId } from "@parsec/types";
import type { OperationOptions } from "@parsec/base";

/** One member of a workspace who is not revoked. */
export interface WorkspaceMember {
  readonly userId: UserId;
  readonly role: RealmRole;
}

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

/** What the realm certificates allow, workspace by workspace (spec 09a §6–§7). `Workspace` offers each as a method. */
export interface Realms {
  /** Finishes what is not yet on the server: realm, first key, name. Idempotent (spec 09a §6.5). */
  ensureBootstrapped(realmId: VlobId, options?: OperationOptions): Promise<void>;
  rename(realmId: VlobId, name: string, options?: OperationOptions): Promise<void>;
  share(realmId: VlobId, userId: UserId, role: RealmRole, options?: OperationOptions): Promise<void>;
  unshare(realmId: VlobId, userId: UserId, options?: OperationOptions): Promise<void>;
  rotateKey(realmId: VlobId, options?: OperationOptions): Promise<void>;
  archive(realmId: VlobId, configuration: ArchivingRequest, options?: OperationOptions): Promise<void>;
  selfPromoteToOwner(realmId: VlobId, options?: OperationOptions): Promise<void>;
  /** Known locally; no network. */
  members(realmId: VlobId): readonly WorkspaceMember[];
  /** Own role according to the certificates; `undefined` when they know no role, `null` when it was taken away. */
  selfRole(realmId: VlobId): RealmRole | null | undefined;
}

/** The archiving that an owner asks for; the deletion date is computed from the certificate's own date. */
export type ArchivingRequest =
  | { readonly type: "AVAILABLE" }
  | { readonly type: "ARCHIVED" }
  | { readonly type: "DELETION_PLANNED"; readonly archivingPeriodSeconds: number };

