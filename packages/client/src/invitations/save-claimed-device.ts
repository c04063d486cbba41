import type { Clock } from "@parsec/base";
import { type DeviceStore, type PreparedDevice, prepareDevice, type SaveStrategy } from "@parsec/device";
import { initializeUserStorage, type StorageDriver } from "@parsec/storage";
import { DateTime, type LocalDevice, newLocalUserManifest } from "@parsec/types";
import type { ClaimedDevice } from "./claim.ts";
import { type Attempt, cancelQuietly, type StepOptions } from "./greeting/attempt.ts";

interface SavePorts {
  readonly clock: Clock;
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
}

interface Claimed extends ClaimedDevice {
  readonly protection: SaveStrategy;
  /** The first device of a user: its user manifest is real from the start, there is none on the server. */
  readonly isFirstDevice: boolean;
  readonly attempt: Attempt<never, unknown>;
}

/**
 * Saves a claimed device so that it cannot be lost (architecture §6): the greeter has created it already, so its file
 * is complete under a temporary name before the greeter is told, and gets its name after. Between the two, the next
 * start finds the file and asks the server.
 */
export async function saveClaimedDevice(ports: SavePorts, claimed: Claimed, options: StepOptions): Promise<LocalDevice> {
  const prepared = await prepare(ports, claimed, options);
  await claimed.acknowledge(options);
  await prepared.commit();
  return claimed.device;
}

async function prepare(ports: SavePorts, claimed: Claimed, options: StepOptions): Promise<PreparedDevice> {
  const { clock, deviceStore, storage } = ports;
  const { device, protection, isFirstDevice } = claimed;
  try {
    const prepared = await prepareDevice(deviceStore, device, protection, { ...options, clock });
    if (isFirstDevice) {
      const time = DateTime.now(clock);
      const manifest = newLocalUserManifest(device.deviceId, time, { id: device.userRealmId, speculative: false });
      await initializeUserStorage(storage, device, manifest);
    }
    return prepared;
  } catch (error) {
    // The greeter must not wait for an acknowledgement that never comes.
    await cancelQuietly(claimed.attempt, "MANUALLY_CANCELLED");
    throw error;
  }
}
