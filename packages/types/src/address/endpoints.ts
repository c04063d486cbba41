import type {
  AsyncEnrollmentAddress,
  BootstrapAddress,
  InvitationAddress,
  OrganizationAddress,
  PkiEnrollmentAddress,
  ServerAddress,
  TotpResetAddress,
} from "./address.ts";
import { httpOrigin } from "./location.ts";

// The HTTP endpoints of spec 03 §5.5.

/** Commands, `events` (SSE) and `tos` of a device. */
export function authenticatedEndpoint(address: OrganizationAddress, part?: "events" | "tos"): string {
  return organizationEndpoint("authenticated", address) + (part === undefined ? "" : `/${part}`);
}

export function anonymousEndpoint(
  address: OrganizationAddress | BootstrapAddress | PkiEnrollmentAddress | AsyncEnrollmentAddress | TotpResetAddress,
): string {
  return organizationEndpoint("anonymous", address);
}

export function invitedEndpoint(address: InvitationAddress): string {
  return organizationEndpoint("invited", address);
}

export function authenticatedAccountEndpoint(address: ServerAddress): string {
  return `${httpOrigin(address)}/authenticated_account`;
}

export function anonymousServerEndpoint(address: ServerAddress): string {
  return `${httpOrigin(address)}/anonymous_server`;
}

function organizationEndpoint(
  family: string,
  address: Parameters<typeof anonymousEndpoint>[0] | InvitationAddress,
): string {
  return `${httpOrigin(address)}/${family}/${encodeURIComponent(address.organizationId)}`;
}
