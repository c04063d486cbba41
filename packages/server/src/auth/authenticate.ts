import { SecretKey, VerifyKey } from "@parsec/crypto";
import {
  type AccountToken,
  type DeviceToken,
  isTokenTimely,
  nativeUserAgentPrefix,
  verifyAccountToken,
  verifyDeviceToken,
} from "@parsec/protocol";
import type { AccessToken, OrganizationId } from "@parsec/types";
import {
  type AccountCaller,
  accountScope,
  type DeviceCaller,
  type InvitationCaller,
  type OrganizationCaller,
  type Scope,
} from "../commands/scope.ts";
import { initialSettings } from "../config.ts";
import type { ClientInfo, ServerContext } from "../context.ts";
import { HttpAbort } from "../http-abort.ts";
import { invitationStatus } from "../rules/invitation.ts";
import type { OrganizationRow } from "../store/port/organizations.ts";
import type { Transaction } from "../store/port/store.ts";
import type { UserRow } from "../store/port/users.ts";

// The ordered checks of spec 08a §2.2. There is no cache: the checks cost less than what a stale entry lets through.

/** authenticated, events and tos. The terms of service are not asked for on the route that accepts them. */
export async function authenticateDevice(
  server: ServerContext,
  client: ClientInfo,
  organizationId: OrganizationId,
  token: DeviceToken,
  { mustHaveAcceptedTos }: { readonly mustHaveAcceptedTos: boolean },
): Promise<DeviceCaller> {
  const { organization, device, user } = await read(server, async (tx) => {
    const organization = await findBootstrapped(tx, client, organizationId);
    const device = await tx.users.findDevice(organizationId, token.id);
    const user = device && (await tx.users.find(organizationId, device.userId));
    return { organization, device, user };
  });
  if (device === undefined || user === undefined) throw new HttpAbort("badAuthentication");
  refuseUser(organization, user, { mustHaveAcceptedTos });
  if (!verifyDeviceToken(token, VerifyKey.fromBytes(device.verifyKey))) throw new HttpAbort("badAuthentication");
  if (server.checkBallpark && !isTokenTimely(token, server.now())) throw new HttpAbort("tokenExpired");
  return { organizationId, deviceId: device.deviceId };
}

/** Steps 4 to 6: refuses a user that is revoked, frozen, or has terms to accept. */
export function refuseUser(
  { tos }: OrganizationRow,
  user: UserRow,
  { mustHaveAcceptedTos }: { readonly mustHaveAcceptedTos: boolean },
): void {
  if (user.revocation !== null) throw new HttpAbort("userRevoked");
  if (user.frozen) throw new HttpAbort("userFrozen");
  const accepted = tos === null || (user.tosAcceptedOn !== null && user.tosAcceptedOn >= tos.updatedOn);
  if (mustHaveAcceptedTos && !accepted) throw new HttpAbort("userMustAcceptTos");
}

export async function authenticateInvitation(
  server: ServerContext,
  client: ClientInfo,
  organizationId: OrganizationId,
  token: AccessToken,
): Promise<InvitationCaller> {
  return await read(server, async (tx) => {
    await findBootstrapped(tx, client, organizationId);
    const invitation = await tx.invitations.find(organizationId, token);
    if (invitation === undefined) throw new HttpAbort("badAuthentication");
    const status = await invitationStatus({ tx, organizationId }, invitation);
    if (status !== "PENDING") throw new HttpAbort("invitationAlreadyUsedOrDeleted");
    return { organizationId, token };
  });
}

/** With `mayCreate` and spontaneous bootstrap, an unknown organization is created, whatever the command. */
export async function admitAnonymous(
  server: ServerContext,
  client: ClientInfo,
  organizationId: OrganizationId,
  { mayCreate }: { readonly mayCreate: boolean },
): Promise<OrganizationCaller> {
  return await server.store.transaction(async (tx) => {
    const known = (await tx.organizations.find(organizationId)) !== undefined;
    if (!known && mayCreate && server.config.spontaneousBootstrap) {
      const now = server.now();
      const { limits } = server.config;
      server.sourceUsage.take(client, "organizations", 1, limits, now);
      const settings = initialSettings(server.config, now);
      await tx.organizations.put({
        organizationId,
        createdOn: now,
        bootstrapToken: null,
        bootstrap: null,
        ...settings,
      });
      await tx.organizations.forgetSpontaneous(limits.spontaneousOrganizations);
    }
    admit(await tx.organizations.find(organizationId), client);
    return { end: "commit", value: { organizationId } };
  });
}

export async function authenticateAccount(
  server: ServerContext,
  client: ClientInfo,
  token: AccountToken,
): Promise<AccountCaller> {
  const caller = { authMethodId: token.id };
  const { authMethod } = await read(server, (tx) => {
    const scope: Scope = { server, client, tx, now: server.now() };
    return accountScope(scope, caller);
  });
  if (!verifyAccountToken(token, SecretKey.fromBytes(authMethod.macKey))) throw new HttpAbort("badAuthentication");
  if (server.checkBallpark && !isTokenTimely(token, server.now())) throw new HttpAbort("tokenExpired");
  return caller;
}

/** For everybody but anonymous callers an organization exists once it is bootstrapped. */
async function findBootstrapped(
  tx: Transaction,
  client: ClientInfo,
  organizationId: OrganizationId,
): Promise<OrganizationRow> {
  const organization = await tx.organizations.find(organizationId);
  return admit(organization?.bootstrap === null ? undefined : organization, client);
}

/** Unknown, then closed to web clients, then expired. */
function admit(organization: OrganizationRow | undefined, client: ClientInfo): OrganizationRow {
  if (organization === undefined) throw new HttpAbort("organizationNotFound");
  if (organization.allowedClientAgent === "NATIVE_ONLY" && !client.userAgent.startsWith(nativeUserAgentPrefix)) {
    throw new HttpAbort("webClientNotAllowed");
  }
  if (organization.isExpired) throw new HttpAbort("organizationExpired");
  return organization;
}

async function read<T>(server: ServerContext, query: (tx: Transaction) => Promise<T>): Promise<T> {
  return await server.store.transaction(async (tx) => ({ end: "commit", value: await query(tx) }));
}
