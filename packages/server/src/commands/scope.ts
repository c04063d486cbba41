import type { AccessToken, AccountAuthMethodId, DateTime, DeviceId, OrganizationId } from "@parsec/types";
import type { ClientInfo, ServerContext } from "../context.ts";
import { HttpAbort } from "../http-abort.ts";
import { invitationStatus } from "../rules/invitation.ts";
import type { AccountRow, AuthMethodRow } from "../store/port/accounts.ts";
import type { InvitationRow } from "../store/port/invitations.ts";
import type { OrganizationRow } from "../store/port/organizations.ts";
import type { Transaction } from "../store/port/store.ts";
import type { DeviceRow, UserRow } from "../store/port/users.ts";

/** What every command sees inside its transaction. */
export interface Scope {
  readonly server: ServerContext;
  readonly client: ClientInfo;
  readonly tx: Transaction;
  /** The server's date at the beginning of the transaction. */
  readonly now: DateTime;
}

export interface OrganizationScope extends Scope {
  readonly organizationId: OrganizationId;
  readonly organization: OrganizationRow;
}

/** The author as it is now: roles and profiles are those of this instant. */
export interface AuthorScope extends OrganizationScope {
  readonly author: { readonly device: DeviceRow; readonly user: UserRow };
}

export interface InvitedScope extends OrganizationScope {
  readonly invitation: InvitationRow;
}

export interface AccountScope extends Scope {
  readonly account: AccountRow;
  /** The method that the request was authenticated with; its vault is the current one. */
  readonly authMethod: AuthMethodRow;
}

/** Who the HTTP layer has authenticated. */
export interface DeviceCaller {
  readonly organizationId: OrganizationId;
  readonly deviceId: DeviceId;
}
export interface InvitationCaller {
  readonly organizationId: OrganizationId;
  readonly token: AccessToken;
}
export interface OrganizationCaller {
  readonly organizationId: OrganizationId;
}
export interface AccountCaller {
  readonly authMethodId: AccountAuthMethodId;
}

// Authentication and command run in different transactions: each command looks at all of it again (spec 08a §2.4).

export async function organizationScope(scope: Scope, caller: OrganizationCaller): Promise<OrganizationScope> {
  const organization = await scope.tx.organizations.find(caller.organizationId);
  if (organization === undefined) throw new HttpAbort("organizationNotFound");
  if (organization.isExpired) throw new HttpAbort("organizationExpired");
  return { ...scope, organizationId: caller.organizationId, organization };
}

export async function authorScope(scope: Scope, caller: DeviceCaller): Promise<AuthorScope> {
  const inOrganization = await organizationScope(scope, caller);
  const device = await scope.tx.users.findDevice(caller.organizationId, caller.deviceId);
  const user = device && (await scope.tx.users.find(caller.organizationId, device.userId));
  if (device === undefined || user === undefined) throw new HttpAbort("badAuthentication");
  if (user.revocation !== null) throw new HttpAbort("userRevoked");
  return { ...inOrganization, author: { device, user } };
}

export async function invitedScope(scope: Scope, caller: InvitationCaller): Promise<InvitedScope> {
  const inOrganization = await organizationScope(scope, caller);
  const invitation = await scope.tx.invitations.find(caller.organizationId, caller.token);
  if (invitation === undefined) throw new HttpAbort("badAuthentication");
  const status = await invitationStatus(inOrganization, invitation);
  if (status !== "PENDING") throw new HttpAbort("invitationAlreadyUsedOrDeleted");
  return { ...inOrganization, invitation };
}

export async function accountScope(scope: Scope, caller: AccountCaller): Promise<AccountScope> {
  const authMethod = await scope.tx.accounts.findAuthMethod(caller.authMethodId);
  const vault = authMethod && (await scope.tx.accounts.findVault(authMethod.vaultId));
  const account = vault && (await scope.tx.accounts.find(vault.email));
  if (account === undefined || authMethod === undefined) throw new HttpAbort("badAuthentication");
  if (authMethod.disabledOn !== null || account.deletedOn !== null) throw new HttpAbort("badAuthentication");
  return { ...scope, account, authMethod };
}
