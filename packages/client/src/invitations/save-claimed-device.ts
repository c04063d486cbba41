import { type PreparedDevice, prepareDevice, prepareUnprotected, type SaveStrategy } from "@parsec/device";
import { initializeUserStorage } from "@parsec/storage";
import { DateTime, type LocalDevice, newLocalUserManifest } from "@parsec/types";
import type { ParsecPorts } from "../ports.ts";
import { cancelQuietly, type StepOptions } from "./greeting/attempt.ts";
import type { ClaimerAttempt } from "./greeting/claimer.ts";

interface ToSave {
  readonly device: LocalDevice;
  /** `undefined`: it is still to be chosen. */
  readonly protection: SaveStrategy | undefined;
  /** The first device of a user: its user manifest is real from the start, there is none on the server. */
  readonly isFirstDevice: boolean;
}

/**
 * Keeps a claimed device so that it cannot be lost (architecture §6): the greeter has made it already, so its file is
 * complete under a temporary name before the greeter is told. Its name it gets after; between the two, the next start
 * finds the file and asks the server.
 */
export async function keepClaimedDevice(
  ports: ParsecPorts,
  attempt: ClaimerAttempt,
  claimed: ToSave,
  options: StepOptions,
): Promise<PreparedDevice> {
  const prepared = await prepare(ports, claimed, options).catch((error: unknown) => {
    // The greeter must not wait for an acknowledgement that never comes.
    cancelQuietly(attempt, "MANUALLY_CANCELLED");
    throw error;
  });
  await attempt.acknowledge(options);
  return prepared;
}

async function prepare(
  { clock, deviceStore, storage }: ParsecPorts,
  { device, protection, isFirstDevice }: ToSave,
  { signal }: StepOptions,
): Promise<PreparedDevice> {
  const options = { signal, clock };
  const prepared =
    protection === undefined
      ? await prepareUnprotected(deviceStore, device, options)
      : await prepareDevice(deviceStore, device, protection, options);
  if (isFirstDevice) {
    const now = DateTime.now(clock);
    const manifest = newLocalUserManifest(device.deviceId, now, { id: device.userRealmId, speculative: false });
    await initializeUserStorage(storage, device, manifest);
  }
  return prepared;
}
