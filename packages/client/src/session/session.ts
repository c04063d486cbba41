import type { Account } from "@parsec/account";
import type { ConnectionState } from "@parsec/connection";
import type { RecoveryFile } from "@parsec/device";
import type { DeviceId, LocalDevice, OrganizationId, UserId } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import type { ExportRecoveryOptions } from "../devices/recovery.ts";
import { EnrollmentRequests } from "../enrollment/enrollment-requests.ts";
import { ClientError } from "../errors.ts";
import { Invitations } from "../invitations/invitations.ts";
import { bootstrapWorkspaces, Monitors } from "../monitors/monitors.ts";
import { type MonitorState, StateCell } from "../monitors/sync-state.ts";
import { Organization } from "../organization/organization.ts";
import type { ParsecPorts } from "../ports.ts";
import { processNeeds } from "../realms/process-needs.ts";
import { ShamirRecovery } from "../shamir-recovery/shamir-recovery.ts";
import { Totp } from "../totp/totp.ts";
import { Users } from "../users/users.ts";
import { runCloseSteps } from "./close-steps.ts";
import { throwIfClosed } from "./closed.ts";
import type { SessionContext } from "./context.ts";
import type { SessionEvents } from "./events.ts";
import { type OpenSessionOptions, openContext } from "./open-context.ts";
import { type SessionInfo, sessionInfo } from "./session-info.ts";
import type { Workspaces } from "./workspaces.ts";

/** How long, in milliseconds, closing waits for what should have ended when it was told to. */
const closePatienceMs = 40;

/** One device, logged in. */
export class Session {
  readonly organization: Organization;
  readonly users: Users;
  readonly workspaces: Workspaces;
  readonly invitations: Invitations;
  readonly enrollments: EnrollmentRequests;
  readonly shamirRecovery: ShamirRecovery;
  readonly totp: Totp;
  readonly #context: SessionContext;
  readonly #closing: AbortController;
  readonly #monitors: Monitors | undefined;
  readonly #idle: StateCell;
  #closed: Promise<void> | undefined;

  private constructor(context: SessionContext, closing: AbortController) {
    this.#context = context;
    this.#closing = closing;
    this.organization = new Organization(context);
    this.users = new Users(context);
    this.workspaces = context.workspaces;
    this.invitations = new Invitations(context);
    this.enrollments = new EnrollmentRequests(context);
    this.shamirRecovery = new ShamirRecovery(context);
    this.totp = new Totp(context);
    this.#idle = new StateCell(context);
    this.#monitors = context.config.sync === "auto" ? new Monitors(context) : undefined;
  }

  /**
   * Takes the device for this process, and reads what it has stored; needs no network. `adopt` is given the session
   * before its first event.
   * @throws StorageError
   */
  static async open(
    ports: ParsecPorts,
    device: LocalDevice,
    options: OpenSessionOptions,
    adopt: (session: Session) => void,
  ): Promise<Session> {
    const closing = new AbortController();
    const context = await openContext(ports, device, closing.signal, options);
    const session = new Session(context, closing);
    adopt(session);
    context.events.send({ type: "session_started", deviceId: device.deviceId });
    session.#monitors?.start();
    return session;
  }

  /** False from the moment that it is being closed. */
  get isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Who is logged in where, and how it stands. @throws ClientError SESSION_CLOSED */
  get info(): SessionInfo {
    throwIfClosed(this.#context);
    return sessionInfo(this.#context, this.organization.config);
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
   * The network may be back, or whatever kept this session from its server be gone: everything that waits is tried now
   * instead of after its pause. Does nothing with `sync: "manual"`.
   */
  retryNow(): void {
    throwIfClosed(this.#context);
    if (this.#monitors === undefined) return;
    this.#context.connection.retryNow();
    this.#context.events.send({ type: "missed_server_events" });
  }

  /**
   * Fetches what is new: certificates, and the list of workspaces that follows from them. Monitors do it all the time.
   * @throws RealmKeysError
   */
  async refresh(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    await this.#context.certificates.poll(options);
    await this.#context.workspaces.refresh(options);
  }

  /**
   * Does what this user's workspaces need: finishes those that were created offline, takes the roles of revoked users
   * away, makes new keys after somebody left. Monitors do it all the time.
   * @throws AuthoringError, RealmKeysError
   */
  async maintain(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    await this.#context.certificates.poll(options);
    await bootstrapWorkspaces(this.#context, options);
    await processNeeds(this.#context, options);
    await this.refresh(options);
  }

  /**
   * Makes a device for the case that all others are lost: a file, and the passphrase that opens it, to be stored apart
   * from one another. `Parsec.recover` uses them. With `save` they are kept before the server is asked, and an export
   * whose reply was lost is ended by {@link Session.confirmRecoveryDevice}.
   * @throws AuthoringError, DeviceLabelError
   */
  async exportRecoveryDevice(deviceLabel: string, options: ExportRecoveryOptions = {}): Promise<RecoveryFile> {
    const { exportRecoveryDevice } = await import("../devices/recovery.ts");
    return exportRecoveryDevice(this.#context, deviceLabel, options);
  }

  /**
   * Makes sure that the server has the device of a recovery file of this user; does nothing when it has.
   * @throws AuthoringError; DeviceError with a `LoadRecoveryErrorCode`; ClientError RECOVERY_FILE_OF_OTHER_USER
   */
  async confirmRecoveryDevice(
    bytes: Uint8Array,
    passphrase: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { confirmRecoveryDevice } = await import("../devices/recovery.ts");
    return confirmRecoveryDevice(this.#context, bytes, passphrase, options);
  }

  /**
   * Lets new machines of this user need nothing but the account: puts a device into its vault, which makes others.
   * `Parsec.deviceFromAccount` uses it.
   * @throws CreateRegistrationDeviceError
   */
  async createRegistrationDevice(
    account: Account,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { createRegistrationDevice } = await import("../devices/registration.ts");
    return createRegistrationDevice(this.#context, account, options);
  }

  /**
   * Forgets all certificates and fetches them again: for a server that was restored from an old backup.
   * @throws PollError
   */
  async refetchCertificates(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    await this.#context.certificates.forgetAll();
    this.#context.realmKeys.forget();
    await this.#context.certificates.poll(options);
  }

  /**
   * How it stands with what the session does by itself for the organization and the list of workspaces, for a frontend to
   * show; `sync_state_changed` without `realmId` tells when it changes. Each workspace has a `syncState` of its own.
   * With `sync: "manual"` it is always idle.
   */
  get syncState(): MonitorState {
    return this.#monitors?.state ?? this.#idle.state;
  }

  /**
   * Stops all work and closes the storage; waits for no network, no source and no reader: what is under way rejects with
   * SESSION_CLOSED, and so does every later call, of everybody who got this session. The device is free for another login in any case; a failure on the way,
   * such as a full disk, is thrown in the end. Idempotent.
   * @throws StorageError
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, workspaces, storage, events } = this.#context;
    this.#closing.abort(new ClientError("SESSION_CLOSED"));
    try {
      await runCloseSteps(clock, [
        { run: () => this.#monitors?.stop(), patienceMs: closePatienceMs },
        // It takes as long as it takes: what was written and not stored would be lost.
        { run: () => workspaces.storeOpenFiles() },
        { run: () => workspaces.close(), patienceMs: closePatienceMs },
        { run: () => storage.close() },
      ]);
    } finally {
      events.send({ type: "session_closed", deviceId: this.deviceId });
      events.end();
    }
  }
}
