import { type Clock, type Diagnostics, IncreasingClock, type RandomSource } from "@parsec/base";
import type { AuthenticatedConnection, ConnectionState } from "@parsec/connection";
import { type DeviceStorage, openDeviceStorage } from "@parsec/storage";
import { type DeviceId, type LocalDevice, type OrganizationId, type UserId, type VlobId } from "@parsec/types";
import { Certificates } from "../certificates/certificates.ts";
import { ClientError } from "../errors.ts";
import { Invitations } from "../invitations/invitations.ts";
import { bootstrapWorkspaces, Monitors } from "../monitors/monitors.ts";
import { Organization } from "../organization/organization.ts";
import type { ParsecPorts } from "../ports.ts";
import { RealmKeys } from "../realm-keys/realm-keys.ts";
import { processNeeds } from "../realms/process-needs.ts";
import { Realms } from "../realms/realms.ts";
import { UserManifestCache } from "../user-manifest/user-manifest-cache.ts";
import { Users } from "../users/users.ts";
import type { SessionConfig } from "./config.ts";
import type { SessionContext } from "./context.ts";
import { EventHub, type SessionEvents } from "./events.ts";
import { SessionConnection } from "./session-connection.ts";
import { type WorkspaceInfo, Workspaces } from "./workspaces.ts";

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

  constructor(ports: ParsecPorts, opened: Opened) {
    this.device = opened.device;
    this.connection = opened.connection;
    this.storage = opened.storage;
    this.clock = ports.clock;
    this.signingClock = new IncreasingClock(ports.clock);
    this.random = ports.random;
    this.diagnostics = ports.diagnostics;
    this.config = ports.config;
    this.events = opened.events;
    this.certificates = opened.certificates;
    this.userManifest = opened.userManifest;
    this.signal = opened.signal;
    this.realmKeys = new RealmKeys(this);
    this.realms = new Realms(this);
    this.workspaces = new Workspaces(this);
  }

  workspaceInfo(realmId: VlobId): WorkspaceInfo {
    return this.workspaces.info(realmId);
  }
}

function connect(ports: ParsecPorts, device: LocalDevice, closed: AbortSignal): SessionConnection {
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const { transport, clock, random, diagnostics } = ports;
  return new SessionConnection({ transport, clock, random, diagnostics, address, deviceId, signingKey }, closed);
}

/** What has to be read before a context can be. */
type Opened = Pick<
  SessionContext,
  "device" | "connection" | "storage" | "events" | "certificates" | "userManifest" | "signal"
>;

export interface OpenSessionOptions {
  /** Wait for another process to leave the device, instead of throwing DEVICE_IN_USE. */
  readonly wait?: boolean | undefined;
  /** Forget the certificates that are stored here, for instance because they cannot be read: they are fetched again. */
  readonly refetchCertificates?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One device, logged in. */
export class Session {
  readonly organization: Organization;
  readonly users: Users;
  readonly workspaces: Workspaces;
  readonly invitations: Invitations;
  readonly #context: SessionContext;
  readonly #closing: AbortController;
  #monitors: Monitors | undefined;
  #closed: Promise<void> | undefined;

  private constructor(context: SessionContext, closing: AbortController) {
    this.#context = context;
    this.#closing = closing;
    this.organization = new Organization(context);
    this.users = new Users(context);
    this.workspaces = context.workspaces;
    this.invitations = new Invitations(context);
    if (context.config.sync === "auto") this.#monitors = new Monitors(context);
  }

  /**
   * Takes the device for this process, and reads what it has stored; needs no network.
   * @throws StorageError
   */
  static async open(ports: ParsecPorts, device: LocalDevice, options: OpenSessionOptions = {}): Promise<Session> {
    const storage = await openDeviceStorage(ports.storage, device, {
      clock: ports.clock,
      wait: options.wait,
      signal: options.signal,
    });
    try {
      if (options.refetchCertificates === true) await storage.certificates.forgetAll();
      const closing = new AbortController();
      const { signal } = closing;
      const events = new EventHub(signal);
      const connection = connect(ports, device, signal);
      const certificates = await Certificates.open({ device, connection, store: storage.certificates, events });
      const userManifest = await UserManifestCache.open(storage.user, device, ports.clock);
      const opened = { device, connection, storage, events, certificates, userManifest, signal };
      return new Session(new Context(ports, opened), closing);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  get organizationId(): OrganizationId {
    return this.#context.device.organizationId;
  }

  get userId(): UserId {
    return this.#context.device.userId;
  }

  get deviceId(): DeviceId {
    return this.#context.device.deviceId;
  }

  get events(): SessionEvents {
    return this.#context.events;
  }

  /** How it stands with the server; always offline with `sync: "manual"`, which keeps no connection open. */
  get connectionState(): ConnectionState {
    return this.#context.connection.state;
  }

  /**
   * Fetches what is new: certificates, and the list of workspaces that follows from them. Monitors do it all the time.
   * @throws RealmKeysError
   */
  async refresh(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#context.certificates.poll(options);
    await this.#context.workspaces.refresh(options);
  }

  /**
   * Does what this user's workspaces need: finishes those that were created offline, takes the roles of revoked users
   * away, makes new keys after somebody left. Monitors do it all the time.
   * @throws AuthoringError, RealmKeysError
   */
  async maintain(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#context.certificates.poll(options);
    await bootstrapWorkspaces(this.#context, options);
    await processNeeds(this.#context, options);
    await this.refresh(options);
  }

  /**
   * Forgets all certificates and fetches them again: for a server that was restored from an old backup.
   * @throws PollError
   */
  async refetchCertificates(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#context.certificates.forgetAll();
    this.#context.realmKeys.forget();
    await this.#context.certificates.poll(options);
  }

  /** Stops the monitors and closes the storage; waits for no network. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new ClientError("SESSION_CLOSED"));
    await this.#monitors?.stop();
    await this.#context.workspaces.close();
    await this.#context.storage.close();
  }
}
