import { type Clock, type Diagnostics, IncreasingClock, type RandomSource } from "@parsec/base";
import type { AuthenticatedConnection } from "@parsec/connection";
import { type DeviceStorage, openDeviceStorage } from "@parsec/storage";
import type { LocalDevice, VlobId } from "@parsec/types";
import { Certificates } from "../certificates/certificates.ts";
import type { ParsecPorts } from "../ports.ts";
import { RealmKeys } from "../realm-keys/realm-keys.ts";
import { Realms } from "../realms/realms.ts";
import { UserManifestCache } from "../user-manifest/user-manifest-cache.ts";
import type { SessionConfig } from "./config.ts";
import type { SessionContext } from "./context.ts";
import { EventHub } from "./events.ts";
import { SessionConnection } from "./session-connection.ts";
import { type WorkspaceInfo, Workspaces } from "./workspaces.ts";

export interface OpenSessionOptions {
  /** Wait for another process to leave the device, instead of throwing DEVICE_IN_USE. */
  readonly wait?: boolean | undefined;
  /** Forget the certificates that are stored here, for instance because they cannot be read: they are fetched again. */
  readonly refetchCertificates?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a device for this process and reads what it has stored. `closed` ends everything that the session does.
 * @throws StorageError
 */
export async function openContext(
  ports: ParsecPorts,
  device: LocalDevice,
  closed: AbortSignal,
  { wait, signal, refetchCertificates }: OpenSessionOptions,
): Promise<SessionContext> {
  const storage = await openDeviceStorage(ports.storage, device, { clock: ports.clock, wait, signal });
  try {
    if (refetchCertificates === true) await storage.certificates.forgetAll();
    const events = new EventHub();
    const connection = connect(ports, device, closed);
    const certificates = await Certificates.open({
      device,
      connection,
      store: storage.certificates,
      events,
      signal: closed,
    });
    const userManifest = await UserManifestCache.open(storage.user, device, ports.clock, closed);
    return new Context(ports, { device, connection, storage, events, certificates, userManifest, signal: closed });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function connect(ports: ParsecPorts, device: LocalDevice, closed: AbortSignal): SessionConnection {
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const { transport, clock, random, diagnostics } = ports;
  return new SessionConnection({ transport, clock, random, diagnostics, address, deviceId, signingKey }, closed);
}

/** What has to be opened before a context can be. */
type Opened = Pick<
  SessionContext,
  "device" | "connection" | "storage" | "events" | "certificates" | "userManifest" | "signal"
>;

/** The parts of a session, each knowing the others through this object alone. */
class Context implements SessionContext {
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
  readonly userManifest: UserManifestCache;
  readonly realmKeys: RealmKeys;
  readonly realms: Realms;
  readonly workspaces: Workspaces;
  readonly signal: AbortSignal;

  constructor({ clock, random, diagnostics, config }: ParsecPorts, opened: Opened) {
    this.device = opened.device;
    this.connection = opened.connection;
    this.storage = opened.storage;
    this.events = opened.events;
    this.certificates = opened.certificates;
    this.userManifest = opened.userManifest;
    this.signal = opened.signal;
    this.clock = clock;
    this.signingClock = new IncreasingClock(clock);
    this.random = random;
    this.diagnostics = diagnostics;
    this.config = config;
    this.realmKeys = new RealmKeys(this);
    this.realms = new Realms(this);
    this.workspaces = new Workspaces(this);
  }

  workspaceInfo(realmId: VlobId): WorkspaceInfo {
    return this.workspaces.info(realmId);
  }
}
