import { throwIfAborted } from "@parsec/base";
import type { OpenDeviceOptions } from "../../driver/port.ts";
import { deviceInUse, StorageError } from "../../errors.ts";

/**
 * Takes a device for this page or worker, across all of the origin's. Gives the function that gives it back; the
 * browser does so by itself when the page goes.
 * @throws StorageError DEVICE_IN_USE, STORAGE_UNAVAILABLE
 */
export async function lockDevice(name: string, { wait, signal }: OpenDeviceOptions = {}): Promise<() => void> {
  throwIfAborted(signal);
  if (globalThis.navigator?.locks === undefined) {
    throw new StorageError("STORAGE_UNAVAILABLE", "This page has no Web Locks: serve it over HTTPS");
  }
  // The two options exclude each other.
  const options: LockOptions = wait === true ? (signal === undefined ? {} : { signal }) : { ifAvailable: true };
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null) => {
      if (lock === null) throw deviceInUse();
      return new Promise<void>((release) => resolve(release));
    };
    navigator.locks.request(name, options, hold).catch((error: unknown) => {
      reject(signal?.aborted === true ? signal.reason : error);
    });
  });
}
