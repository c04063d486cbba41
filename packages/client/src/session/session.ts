import type { ConnectionState } from "@parsec/connection";
import type { DeviceId, OrganizationId, UserId } from "@parsec/types";
import type { Invitations } from "../invitations/invitations.ts";
import type { Users } from "../users/users.ts";
import type { SessionEvents } from "./events.ts";
import type { Workspaces } from "./workspaces.ts";

/** One device, logged in. */
export interface Session {
  readonly organizationId: OrganizationId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly users: Users;
  readonly workspaces: Workspaces;
  readonly invitations: Invitations;
  readonly events: SessionEvents;
  readonly connectionState: ConnectionState;
  /** Stops the monitors and closes the storage; waits for no network. Idempotent. */
  close(): Promise<void>;
}
