import type { StorageDriver, StorageError } from "@parsec/storage";

/** A storage driver that fails when the test says so. */
export interface FaultyDriver extends StorageDriver {
  /** Asked before each call of a database: the error to reject with, if any. */
  fault: (method: string, args: readonly unknown[]) => StorageError | undefined;
}

export const writing: ReadonlySet<string> = new Set(["apply", "applyToCache", "moveChunksToBlocks"]);

/** `inner`, with faults. Opening and closing never fail. */
export function faultyDriver(inner: StorageDriver): FaultyDriver {
  const driver: FaultyDriver = {
    fault: () => undefined,
    check: () => inner.check(),
    removeDevice: (deviceId) => inner.removeDevice(deviceId),
    openDevice: async (deviceId, options) => {
      const databases = await inner.openDevice(deviceId, options);
      return {
        certificates: guarded(driver, databases.certificates),
        openUser: async (realmId) => guarded(driver, await databases.openUser(realmId)),
        openWorkspace: async (realmId) => guarded(driver, await databases.openWorkspace(realmId)),
        removeWorkspace: (realmId) => databases.removeWorkspace(realmId),
        close: () => databases.close(),
      };
    },
  };
  return driver;
}

function guarded<T extends object>(driver: FaultyDriver, target: T): T {
  return new Proxy(target, {
    get: (_, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "close")
        return typeof method === "function" ? method.bind(target) : method;
      return async (...args: unknown[]): Promise<unknown> => {
        const fault = driver.fault(String(name), args);
        if (fault !== undefined) throw fault;
        return Reflect.apply(method, target, args);
      };
    },
  });
}
