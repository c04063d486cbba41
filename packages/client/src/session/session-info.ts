import type { ConnectionState } from "@parsec/connection";
import {
  type DeviceId,
  type DeviceLabel,
  formatAddress,
  type HumanHandle,
  type OrganizationAddress,
  type OrganizationId,
  type ServerAddress,
  type UserId,
  type UserProfile,
} from "@parsec/types";
import type { SessionContext } from "./context.ts";
import type { OrganizationConfig } from "./events.ts";

/** Who is logged in where, and how it stands: what the head of a window shows. A snapshot. */
export interface SessionInfo {
  readonly organizationId: OrganizationId;
  readonly organizationAddress: OrganizationAddress;
  /** {@link organizationAddress} as text, `parsec3://…`. */
  readonly organizationLink: string;
  readonly serverAddress: ServerAddress;
  /** What the server last said; cautious values before it did. */
  readonly organizationConfig: OrganizationConfig;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
  /** As far as is known now; it may have changed since the device was made. */
  readonly profile: UserProfile;
  readonly connection: ConnectionState;
  readonly isServerOnline: boolean;
  readonly isOrganizationExpired: boolean;
  readonly mustAcceptTermsOfService: boolean;
  readonly isRevoked: boolean;
  readonly isFrozen: boolean;
}

export function sessionInfo(
  { device, certificates, connection: { state } }: SessionContext,
  organizationConfig: OrganizationConfig,
): SessionInfo {
  const {
    organizationId,
    rootVerifyKey,
    serverUrl: serverAddress,
    userId,
    deviceId,
    humanHandle,
    deviceLabel,
  } = device;
  const organizationAddress = { ...serverAddress, kind: "organization", organizationId, rootVerifyKey } as const;
  const reason = state.status === "refused" ? state.reason : undefined;
  return {
    organizationId,
    organizationAddress,
    organizationLink: formatAddress(organizationAddress),
    serverAddress,
    organizationConfig,
    userId,
    deviceId,
    humanHandle,
    deviceLabel,
    profile: certificates.selfProfile,
    connection: state,
    isServerOnline: state.status === "online",
    isOrganizationExpired: reason === "ORGANIZATION_EXPIRED",
    mustAcceptTermsOfService: reason === "USER_MUST_ACCEPT_TOS",
    isRevoked: reason === "USER_REVOKED",
    isFrozen: reason === "USER_FROZEN",
  };
}
