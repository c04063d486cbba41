import { hasCode } from "@parsec/base";
import type { DeviceFile, DeviceId, LocalDevice } from "@parsec/types";
import { DeviceError, DeviceStoreError } from "../errors.ts";
import type { Protection, ProtectOptions } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { readDeviceFile } from "./available-device.ts";
import { listDeviceFiles } from "./list-devices.ts";
import { deviceExtension } from "./names.ts";
import { openDevice } from "./seal.ts";
import { reading } from "./store-errors.ts";

// Programs that keep folders in step, and people, make second files of one device: `X (1).keys`, `X (conflicted
// copy).keys`. They may have different protections, and nothing tells which one is remembered: all are tried, and
// what ends or replaces a device ends all of them.

/** The paths of the files with that extension that say to be of a device, without `except`. */
export async function copiesOf(
  store: DeviceStore,
  deviceId: DeviceId,
  { extension = deviceExtension, except }: { extension?: string | undefined; except?: string | undefined } = {},
): Promise<readonly string[]> {
  const files = await listDeviceFiles(store, extension);
  return files.filter((file) => file.deviceId === deviceId && file.path !== except).map(({ path }) => path);
}

/** Removes files that may be gone by then. @throws DeviceError STORAGE_NOT_AVAILABLE, INVALID_PATH */
export async function removeAll(store: DeviceStore, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await reading(
      store.remove(path).catch((error: unknown) => {
        if (!(error instanceof DeviceStoreError && error.code === "NOT_FOUND")) throw error;
      }),
    );
  }
}

/** A file that the protection opens. */
export interface OpenedFile {
  readonly path: string;
  readonly file: DeviceFile;
  readonly device: LocalDevice;
}

/**
 * The first of several files of one device that the protection opens. When none does: the reason of the one that has
 * at least that kind of protection.
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function openFirst(
  store: DeviceStore,
  paths: readonly [string, ...string[]],
  protection: Protection,
  options: ProtectOptions,
): Promise<OpenedFile> {
  let failure: unknown;
  for (const path of paths) {
    try {
      const file = await readDeviceFile(store, path);
      return { path, file, device: await openDevice(file, protection, options) };
    } catch (error) {
      if (options.signal?.aborted === true || !(error instanceof DeviceError)) throw error;
      if (failure === undefined || hasCode(failure, "BAD_ACCESS_STRATEGY")) failure = error;
    }
  }
  throw failure;
}
