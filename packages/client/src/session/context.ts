import type { Clock, Diagnostics, IncreasingClock, RandomSource } from "@parsec/base";
import type { AuthenticatedConnection } from "@parsec/connection";
import type { DeviceStorage } from "@parsec/storage";
import type { LocalDevice, VlobId } from "@parsec/types";
import type { Certificates } from "../certificates/certificates.ts";
import type { RealmKeys } from "../realm-keys/realm-keys.ts";
import type { Realms } from "../realms/realms.ts";
import type { UserManifestCache } from "../user-manifest/user-manifest-cache.ts";
import type { SessionConfig } from "./config.ts";
import type { EventHub } from "./events.ts";
import type { WorkspaceInfo, Workspaces } from "./workspaces.ts";

/**
 * All that one logged-in device works with. The areas of a session (certificates, realms, workspaces, invitations)
 * receive it and keep nothing global, so that several persons live in one process.
 *
 * - What the organization says is read from `certificates.view`, synchronously; `certificates.require(needed)` first
 *   makes it as recent as a server reply demands (spec 09a §3.4).
 * - Realm content is sealed and opened with `realmKeys` (spec 09a §5).
 * - What this device signs is dated by `signingClock`, usually through `withGreaterTimestamp`.
 * - `signal` aborts when the session closes: pass it to every wait that is not an operation of the user.
 */
export interface SessionContext {
  readonly device: LocalDevice;
  readonly connection: AuthenticatedConnection;
  readonly storage: DeviceStorage;
  readonly clock: Clock;
  readonly signingClock: IncreasingClock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly config: SessionConfig;
  readonly events: EventHub;
  readonly certificates: Certificates;
  readonly realmKeys: RealmKeys;
  readonly realms: Realms;
  readonly userManifest: UserManifestCache;
  readonly workspaces: Workspaces;
  /** @throws WORKSPACE_NOT_FOUND */
  workspaceInfo(realmId: VlobId): WorkspaceInfo;
  readonly signal: AbortSignal;
}
