import type { Account, Credentials, OrganizationUser } from "@parsec/account";
import { orAbort, requireBytes, requireObject, requireText } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import {
  type AvailableDevice,
  type DeviceError,
  type LoadDeviceErrorCode,
  listDevices,
  listPreparedDevices,
  listRefusedDevices,
  type Protection,
  protectDevice,
  type TotpKey,
} from "@parsec/device";
import type { StorageError } from "@parsec/storage";
import {
  type BootstrapAddress,
  type DeviceId,
  type InvitationAddress,
  type LocalDevice,
  parseAddressInAnyForm,
  type ServerAddress,
  type TotpResetAddress,
} from "@parsec/types";
import {
  requireAccount,
  requireAddress,
  requireHuman,
  requireId,
  requireLocalDevice,
  requireNewDevice,
  requireOptions,
  requireParsecOptions,
  requireProtection,
} from "./arguments.ts";
import type { BootstrapOptions } from "./bootstrap/bootstrap.ts";
import type { NewDeviceOptions } from "./devices/new-device.ts";
import type { RecoveryOptions } from "./devices/recovery.ts";
import type { StoredDeviceOptions } from "./devices/stored-devices.ts";
import { notReady, unlockStored } from "./devices/unlock-stored.ts";
import { Enrollments } from "./enrollment/enrollments.ts";
import type { ClientError } from "./errors.ts";
import type { ReceivedInvitation } from "./invitations/received-invitation.ts";
import { type ParsecOptions, type ParsecPorts, parsecPorts } from "./ports.ts";
import type { ServerConfig } from "./server-config/server-config.ts";
import type { OpenSessionOptions } from "./session/open-context.ts";
import { OpenSessions, type ParsecEvents } from "./session/open-sessions.ts";
import type { Session } from "./session/session.ts";
import { TotpReset } from "./totp/totp-reset.ts";
import type { RealmExport, RealmExportKey, SourceOptions } from "./workspace/realm-export/open-realm-export.ts";

/** What a login may throw. */
export type LoginError =
  | DeviceError<LoadDeviceErrorCode>
  | StorageError
  | ConnectionError
  | ClientError<"DEVICE_NOT_FOUND" | "DEVICE_REFUSED" | "DEVICE_UNPROTECTED">;

export type LoginOptions = OpenSessionOptions;

export interface RemoveDeviceOptions {
  /**
   * Leaves the local data, encrypted: only another copy of the device file (an archived one, say) opens it again.
   * False by default.
   */
  readonly keepData?: boolean | undefined;
}

/**
 * Opens the SDK on a folder (Node) or a name (browser), and loads the cryptography. Nothing is global but the latter:
 * many of them live in one process.
 * @throws TransportConfigError, CryptoBackendError
 */
export async function createParsec(options: ParsecOptions = {}): Promise<Parsec> {
  requireParsecOptions(options);
  await ready(options.diagnostics === undefined ? {} : { diagnostics: options.diagnostics });
  return new Parsec(parsecPorts(options), { ownsTransport: options.transport === undefined });
}

/** The door to the SDK: the devices of one folder, and how to get more. Made by {@link createParsec}. */
export class Parsec {
  /** How to join an organization when a third party vouches for both sides. */
  readonly enrollments: Enrollments;
  readonly #ports: ParsecPorts;
  readonly #ownsTransport: boolean;
  readonly #sessions: OpenSessions;
  readonly #accounts = new Set<Account>();

  /** @internal */
  constructor(ports: ParsecPorts, { ownsTransport }: { readonly ownsTransport: boolean }) {
    this.enrollments = new Enrollments(ports);
    this.#ports = ports;
    this.#ownsTransport = ownsTransport;
    this.#sessions = new OpenSessions(ports);
  }

  /** The events of all sessions, from the first of each on. */
  get events(): ParsecEvents {
    return this.#sessions;
  }

  /** The sessions that are open, in the order of their login. */
  sessions(): readonly Session[] {
    return this.#sessions.list();
  }

  /** The accounts that {@link logInToAccount} gave and that are still logged in. */
  accounts(): readonly Account[] {
    for (const account of this.#accounts) if (!account.isLoggedIn) this.#accounts.delete(account);
    return [...this.#accounts];
  }

  /**
   * Logs in to a Parsec Account. A wrong password and an unknown account give the same error.
   * @throws LogInError, AddressError
   */
  async logInToAccount(
    address: string | ServerAddress,
    credentials: Credentials,
    options: StoredDeviceOptions = {},
  ): Promise<Account> {
    const [{ logIn }, { serverAddressOf }] = await Promise.all([
      import("@parsec/account"),
      import("./server-config/server-config.ts"),
    ]);
    const account = await logIn({ ...this.#ports, address: serverAddressOf(address) }, credentials, options);
    this.#accounts.add(account);
    return account;
  }

  /** The devices of this folder. @throws DeviceError STORAGE_NOT_AVAILABLE */
  async devices(): Promise<readonly AvailableDevice[]> {
    return listDevices(this.#ports.deviceStore);
  }

  /**
   * Devices whose creation was never confirmed: the reply was lost, or the process ended. A login with one of them
   * finds out whether the server has it: that of its `serverAddress`.
   * @throws DeviceError STORAGE_NOT_AVAILABLE
   */
  async unconfirmedDevices(): Promise<readonly AvailableDevice[]> {
    return notReady(this.#ports, await listPreparedDevices(this.#ports.deviceStore));
  }

  /**
   * Devices that the server itself said it does not have. Nothing is ever deleted for that: a login with one of them
   * asks the server again, and `removeDevice` ends it.
   * @throws DeviceError STORAGE_NOT_AVAILABLE
   */
  async refusedDevices(): Promise<readonly AvailableDevice[]> {
    return notReady(this.#ports, await listRefusedDevices(this.#ports.deviceStore));
  }

  /**
   * Creates an organization that was announced by a bootstrap link, with its first user and device, and logs in.
   * @throws BootstrapError
   */
  async bootstrap(address: string | BootstrapAddress, options: BootstrapOptions): Promise<Session> {
    requireAddress(address, "organization_bootstrap");
    requireNewDevice(options);
    requireHuman(options.human);
    if (options.sequesterAuthorityKey !== undefined) {
      requireText("sequesterAuthorityKey", options.sequesterAuthorityKey);
    }
    const parsed = typeof address === "string" ? parseAddressInAnyForm("organization_bootstrap", address) : address;
    const { bootstrapOrganization } = await orAbort(import("./bootstrap/bootstrap.ts"), options.signal);
    return this.#sessions.open(await bootstrapOrganization(this.#ports, parsed, options), options);
  }

  /**
   * Opens an invitation link: what it is for, and the way to claim it.
   * @throws AddressError, ConnectionError
   */
  async openInvitation(
    address: string | InvitationAddress,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ReceivedInvitation> {
    requireAddress(address, "invitation");
    requireOptions(options);
    const parsed = typeof address === "string" ? parseAddressInAnyForm("invitation", address) : address;
    const { openInvitation } = await orAbort(import("./invitations/received-invitation.ts"), options.signal);
    return openInvitation(this.#ports, parsed, options);
  }

  /**
   * Makes a new device out of a recovery file and its passphrase, and logs in: when every other device is lost.
   * @throws RecoveryError, LoginError
   */
  async recover(file: Uint8Array, passphrase: string, options: RecoveryOptions): Promise<Session> {
    requireBytes("file", file);
    requireText("passphrase", passphrase);
    requireNewDevice(options);
    const { importRecoveryDevice } = await orAbort(import("./devices/recovery.ts"), options.signal);
    return this.#sessions.open(await importRecoveryDevice(this.#ports, file, passphrase, options), options);
  }

  /**
   * Makes a new device of a user for whom the vault of an account has a registration device, and logs in: on a new
   * machine. `account.vault.listRegistrationDevices` tells the users, `Session.createRegistrationDevice` makes one.
   * @throws DeviceFromAccountError, LoginError
   */
  async deviceFromAccount(account: Account, user: OrganizationUser, options: NewDeviceOptions): Promise<Session> {
    requireAccount(account);
    requireObject("user", user);
    requireText("user.organizationId", user.organizationId, { filled: true });
    requireId("user.userId", user.userId);
    requireNewDevice(options);
    const { makeDeviceFromAccount } = await orAbort(import("./devices/registration.ts"), options.signal);
    return this.#sessions.open(await makeDeviceFromAccount(this.#ports, account, user, options), options);
  }

  /**
   * The history in the file that a server exported a workspace to (Node), with the first of `keys` that works. The file
   * is never written, and all in it is verified. @throws RealmExportError; HistoryError; LoginError; what reading throws
   */
  async openRealmExport(path: string, keys: readonly RealmExportKey[], options?: SourceOptions): Promise<RealmExport> {
    const { openRealmExport } = await import("./workspace/realm-export/open-realm-export.ts");
    return openRealmExport(this.#ports, path, keys, options);
  }

  /**
   * Unlocks a device and opens a session; needs no network, unless the device is unconfirmed or its protection does.
   * Of several files of one device (`X (1).keys`) whichever the protection opens will do. A device that is open here
   * gives its session, whatever the options say: who closes it closes it for all.
   * @throws LoginError
   */
  login(deviceId: DeviceId, protection: Protection, options?: LoginOptions): Promise<Session>;
  login(device: LocalDevice, options?: LoginOptions): Promise<Session>;
  async login(
    device: DeviceId | LocalDevice,
    second?: Protection | LoginOptions,
    third: LoginOptions = {},
  ): Promise<Session> {
    if (typeof device !== "string") {
      requireLocalDevice(device);
      const options = isProtection(second) ? third : second === undefined ? {} : second;
      requireOptions(options);
      return this.#sessions.open(device, options);
    }
    requireText("device", device, { filled: true });
    requireProtection(second);
    requireOptions(third);
    return this.#sessions.open(await unlockStored(this.#ports, device, second, third), third);
  }

  /**
   * Protects a device that waits without protection (`protection.type` is `none`): a claim was interrupted before one
   * was chosen. A login then finds out whether the server has the device. Needs no network, unless the protection does.
   * @throws DeviceError with a `ChangeProtectionErrorCode`
   */
  async protectDevice(
    device: AvailableDevice,
    protection: Protection,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<AvailableDevice> {
    requireObject("device", device);
    requireText("device.path", device.path, { filled: true });
    requireProtection(protection);
    requireOptions(options);
    const { deviceStore, clock } = this.#ports;
    return protectDevice(deviceStore, device.path, protection, { clock, signal: options.signal });
  }

  /**
   * Removes a device that is not logged in, with everything that is only here, copies of its file too: what was not yet
   * synced is lost (spec 06 §9.6).
   * @throws DeviceError STORAGE_NOT_AVAILABLE, NOT_FOUND, INVALID_PATH; StorageError, DEVICE_IN_USE among them
   */
  async removeDevice(device: AvailableDevice, options: RemoveDeviceOptions = {}): Promise<void> {
    requireObject("options", options);
    const { removeStored } = await import("./devices/stored-devices.ts");
    return removeStored(this.#ports, device, options.keepData ?? false);
  }

  /**
   * Sets a device aside: it is listed no more, and its file can be renamed back by hand. Gives where the file is now.
   * @throws DeviceError NO_SPACE_AVAILABLE, INVALID_PATH
   */
  async archiveDevice(device: AvailableDevice): Promise<string> {
    const { archiveStored } = await import("./devices/stored-devices.ts");
    return archiveStored(this.#ports, device);
  }

  /**
   * Protects a device otherwise. Until it is done the old protection holds, afterwards only the new one.
   * @throws DeviceError with a `ChangeProtectionErrorCode`
   */
  async changeProtection(
    device: AvailableDevice,
    current: Protection,
    next: Protection,
    options: StoredDeviceOptions = {},
  ): Promise<AvailableDevice> {
    const { protectAnew } = await import("./devices/stored-devices.ts");
    return protectAnew(this.#ports, device, current, next, options);
  }

  /**
   * Adds a second factor to a device, with a key of `session.totp.createKey`. From then on a login needs
   * `withTotp(protection, await parsec.fetchTotpKey(device, code))`, and the network.
   * @throws DeviceError with a `ChangeProtectionErrorCode`
   */
  async addTotp(
    device: AvailableDevice,
    protection: Protection,
    key: TotpKey,
    options: StoredDeviceOptions = {},
  ): Promise<AvailableDevice> {
    const { addTotp } = await import("./devices/stored-devices.ts");
    return addTotp(this.#ports, device, protection, key, options);
  }

  /**
   * Takes the second factor away; `protection` is the one with it, that opens the device now.
   * @throws DeviceError with a `ChangeProtectionErrorCode`
   */
  async removeTotp(
    device: AvailableDevice,
    protection: Protection,
    options: StoredDeviceOptions = {},
  ): Promise<AvailableDevice> {
    const { removeTotp } = await import("./devices/stored-devices.ts");
    return removeTotp(this.#ports, device, protection, options);
  }

  /**
   * The key of a device's second factor, for a code of the user's authenticator application.
   * @throws TotpError INVALID_ONE_TIME_PASSWORD, TotpThrottledError, ConnectionError; ClientError NO_SECOND_FACTOR
   */
  async fetchTotpKey(device: AvailableDevice, code: string, options: StoredDeviceOptions = {}): Promise<TotpKey> {
    const { fetchSecondFactor } = await import("./devices/stored-devices.ts");
    return fetchSecondFactor(this.#ports, device, code, options);
  }

  /**
   * Moves a device to another address of its server. Gives the old one.
   * @throws AddressError; DeviceError with a `ChangeProtectionErrorCode`
   */
  async overwriteServerAddress(
    device: AvailableDevice,
    protection: Protection,
    address: string | ServerAddress,
    options: StoredDeviceOptions = {},
  ): Promise<ServerAddress> {
    const { moveServer } = await import("./devices/stored-devices.ts");
    return moveServer(this.#ports, device, protection, address, options);
  }

  /**
   * Removes what a device keeps here but its file, for one that is not logged in: what was not yet synced is lost, the
   * rest comes back from the server.
   * @throws StorageError, DEVICE_IN_USE among them
   */
  async removeDeviceData(device: AvailableDevice): Promise<void> {
    const { removeStoredData } = await import("./devices/stored-devices.ts");
    return removeStoredData(this.#ports, device);
  }

  /**
   * Resolves once a device is free, when another process works with it. A login with `wait: true` does both at once.
   * @throws ClientError DEVICE_NOT_FOUND; DeviceError STORAGE_NOT_AVAILABLE; StorageError
   */
  async waitAvailable(deviceId: DeviceId, options: StoredDeviceOptions = {}): Promise<void> {
    const { waitAvailable } = await import("./devices/stored-devices.ts");
    return waitAvailable(this.#ports, deviceId, options);
  }

  /**
   * What a server says of itself to anybody: for a login page. The address is `parsec3://…` or that of its web site.
   * @throws ServerConfigError
   */
  async serverConfig(address: string | ServerAddress, options: StoredDeviceOptions = {}): Promise<ServerConfig> {
    const { fetchServerConfig } = await import("./server-config/server-config.ts");
    return fetchServerConfig(this.#ports, address, options);
  }

  /**
   * Opens the link with which an administrator has reset the second factor of a user.
   * @throws AddressError
   */
  openTotpReset(address: string | TotpResetAddress): TotpReset {
    requireAddress(address, "totp_reset");
    const parsed = typeof address === "string" ? parseAddressInAnyForm("totp_reset", address) : address;
    return new TotpReset(this.#ports, parsed);
  }

  /** Closes the sessions that are open, as their own `close` does, and frees what this object owns. */
  async close(): Promise<void> {
    try {
      await this.#sessions.closeAll();
    } finally {
      if (this.#ownsTransport) await this.#ports.transport.close();
    }
  }
}

function isProtection(value: Protection | LoginOptions | undefined): value is Protection {
  return typeof value === "object" && value !== null && "openKey" in value;
}
