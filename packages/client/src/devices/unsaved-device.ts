import {
  type AvailableDevice,
  type ChangeProtectionErrorCode,
  changeProtection,
  type DeviceError,
  loadAvailableDevice,
  type PreparedDevice,
  type Protection,
  protectDevice,
  type SaveStrategy,
} from "@parsec/device";
import type { DeviceId, DeviceLabel, HumanHandle, LocalDevice, OrganizationId, UserId } from "@parsec/types";
import { requireOptions, requireProtection } from "../arguments.ts";
import type { ParsecPorts } from "../ports.ts";

/** What {@link UnsavedDevice.save} may throw. */
export type SaveUnsavedDeviceError = DeviceError<ChangeProtectionErrorCode>;

interface SaveOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A device that the server has, and whose protection is still to be chosen. It is safe on disk, under a key beside it:
 * after a crash `Parsec.unconfirmedDevices` lists it, and `Parsec.protectDevice` goes on.
 */
export class UnsavedDevice {
  readonly #ports: ParsecPorts;
  readonly #device: LocalDevice;
  readonly #prepared: PreparedDevice;
  readonly #onSaved: ((options: SaveOptions) => Promise<void>) | undefined;
  #protection: Protection | undefined;

  /** @internal `onSaved` runs once the device has its protection and its name; it must not fail. */
  constructor(
    ports: ParsecPorts,
    device: LocalDevice,
    prepared: PreparedDevice,
    onSaved?: (options: SaveOptions) => Promise<void>,
  ) {
    this.#ports = ports;
    this.#device = device;
    this.#prepared = prepared;
    this.#onSaved = onSaved;
  }

  get organizationId(): OrganizationId {
    return this.#device.organizationId;
  }

  get userId(): UserId {
    return this.#device.userId;
  }

  get deviceId(): DeviceId {
    return this.#device.deviceId;
  }

  get humanHandle(): HumanHandle {
    return this.#device.humanHandle;
  }

  get deviceLabel(): DeviceLabel {
    return this.#device.deviceLabel;
  }

  /**
   * Protects the device, and gives its file its name: now `Parsec.login` opens it. Needs no network, unless the
   * protection does. After an error it can be called again, also with another protection.
   * @throws SaveUnsavedDeviceError
   */
  async save(protection: SaveStrategy, options: SaveOptions = {}): Promise<AvailableDevice> {
    requireProtection(protection);
    requireOptions(options);
    const { deviceStore, clock } = this.#ports;
    const changing = { clock, signal: options.signal };
    const { path } = this.#prepared;
    if (this.#protection === undefined) await protectDevice(deviceStore, path, protection, changing);
    else await changeProtection(deviceStore, path, this.#protection, protection, changing);
    this.#protection = protection;
    const saved = await this.#prepared.commit();
    await this.#onSaved?.(options);
    return loadAvailableDevice(deviceStore, saved.path);
  }
}
