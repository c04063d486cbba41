import { createTransport, type Transport } from "@parsec/connection";
import { type DeviceStore, fileDeviceStore } from "@parsec/device";
import { platformDriver, type StorageDriver } from "@parsec/storage";
import { momentOf } from "./greeting-moments.ts";

export interface MortalPorts {
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
  readonly transport: Transport;
}

/**
 * The ports of a folder, which tell before and after all that touches the disk or the network: `before write`,
 * `after step 6`… A program that dies there dies in the middle of its work.
 */
export function mortalPorts(dir: string, tell: (moment: string) => void): MortalPorts {
  const around = async <T>(moment: string, run: () => Promise<T>): Promise<T> => {
    tell(`before ${moment}`);
    const result = await run();
    tell(`after ${moment}`);
    return result;
  };
  const store = fileDeviceStore(`${dir}/config`);
  const driver = platformDriver(`${dir}/data`);
  const transport = createTransport();
  return {
    deviceStore: {
      list: (folder, extension) => store.list(folder, extension),
      read: (path) => store.read(path),
      write: (path, content) => around("write", () => store.write(path, content)),
      rename: (from, to) => around("rename", () => store.rename(from, to)),
      remove: (path) => around("remove", () => store.remove(path)),
    },
    storage: {
      check: () => driver.check(),
      openDevice: (deviceId, options) => around("openDevice", () => driver.openDevice(deviceId, options)),
      removeDevice: (deviceId) => driver.removeDevice(deviceId),
    },
    transport: {
      request: (request, options) => around(momentOf(request), () => transport.request(request, options)),
      close: () => transport.close(),
    },
  };
}

/** Dies at once, as in a power cut: nothing is closed, nothing is said. */
export function die(): void {
  process.kill(process.pid, "SIGKILL");
}
