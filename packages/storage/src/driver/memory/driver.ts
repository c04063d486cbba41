import { breathe, Mutex } from "@parsec/base";
import type { DeviceId, VlobId } from "@parsec/types";
import { deviceInUse, storageClosed } from "../../errors.ts";
import { guard } from "../guard.ts";
import type { DeviceDatabases, OpenDeviceOptions, StorageDriver } from "../port.ts";
import { MemoryCertificates } from "./certificates.ts";
import { MemoryUser } from "./user.ts";
import { MemoryWorkspace } from "./workspace.ts";

/**
 * Databases in the memory of this process. They live as long as the driver: a device that is closed can be opened
 * again with the same driver, as after a new login.
 */
export function memoryDriver(): StorageDriver {
  const devices = new Map<DeviceId, MemoryDevice>();
  return {
    async check() {},
    async openDevice(deviceId, options) {
      const device = devices.get(deviceId) ?? new MemoryDevice();
      devices.set(deviceId, device);
      return device.open(options);
    },
    async removeDevice(deviceId) {
      if (devices.get(deviceId)?.inUse === true) throw deviceInUse();
      devices.delete(deviceId);
    },
  };
}

class MemoryDevice {
  readonly #certificates = new MemoryCertificates();
  readonly #user = new MemoryUser();
  readonly #workspaces = new Map<VlobId, MemoryWorkspace>();
  readonly #ownership = new Mutex();
  #users = 0;

  /** Somebody owns the device, or waits for it. */
  get inUse(): boolean {
    return this.#users > 0;
  }

  async open({ wait, signal }: OpenDeviceOptions = {}): Promise<DeviceDatabases> {
    if (this.inUse && wait !== true) throw deviceInUse();
    this.#users += 1;
    try {
      return this.#databases(await this.#take(signal));
    } catch (error) {
      this.#users -= 1;
      throw error;
    }
  }

  /** Resolves, in turn, with the function that gives the device back. */
  #take(signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const hold = () => new Promise<void>((release) => resolve(release));
      this.#ownership.run(hold, { signal }).catch(reject);
    });
  }

  #databases(release: () => void): DeviceDatabases {
    let open = true;
    const checkOpen = () => {
      if (!open) throw storageClosed();
    };
    return {
      certificates: whileOpen(this.#certificates, checkOpen),
      openUser: async () => {
        checkOpen();
        return whileOpen(this.#user, checkOpen);
      },
      openWorkspace: async (realmId) => {
        checkOpen();
        const workspace = this.#workspaces.get(realmId) ?? new MemoryWorkspace();
        this.#workspaces.set(realmId, workspace);
        return whileOpen(workspace, checkOpen);
      },
      removeWorkspace: async (realmId) => {
        checkOpen();
        this.#workspaces.delete(realmId);
      },
      close: async () => {
        if (!open) return;
        open = false;
        this.#users -= 1;
        release();
      },
    };
  }
}

/** A database that refuses every call after its own close, or that of its device. */
function whileOpen<T extends object>(database: T, checkDeviceOpen: () => void): T {
  let open = true;
  return guard(database, async (method, call, args) => {
    if (method === "close") {
      open = false;
      return undefined;
    }
    checkDeviceOpen();
    if (!open) throw storageClosed();
    // Nothing here waits for anything: between two calls timers get their turn.
    await breathe();
    return call(args);
  });
}
