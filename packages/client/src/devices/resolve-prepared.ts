import { hasCode } from "@parsec/base";
import { AuthenticatedConnection } from "@parsec/connection";
import { loadDevice, type PreparedDevice, type Protection } from "@parsec/device";
import { organizationInfo } from "@parsec/protocol";
import type { LocalDevice } from "@parsec/types";
import type { ParsecPorts } from "../ports.ts";

// A device whose creation was asked for and never confirmed here: the reply was lost, or the process ended. Only the
// server knows whether it exists (architecture §6, a device that must not be lost).

interface ResolveOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The device of a prepared file, once the server has recognised it: the file has its name then. `undefined` when the
 * server definitely does not know it: the file is removed.
 * @throws DeviceError when `protection` does not open it; ConnectionError when the server did not tell, the file waits
 */
export async function resolvePrepared(
  ports: ParsecPorts,
  prepared: PreparedDevice,
  protection: Protection,
  options: ResolveOptions = {},
): Promise<LocalDevice | undefined> {
  const device = await loadDevice(ports.deviceStore, prepared.device.path, protection, options);
  if (await isKnownToServer(ports, device, options)) {
    await prepared.commit();
    return device;
  }
  await prepared.discard();
  return undefined;
}

/** Refused because of who they are: so they exist. */
const refusedAsKnown = ["USER_REVOKED", "USER_FROZEN", "USER_MUST_ACCEPT_TOS"] as const;
/** A device that no request has created. An organization that is not bootstrapped is not found. */
const refusedAsUnknown = ["BAD_AUTHENTICATION", "ORGANIZATION_NOT_FOUND"] as const;

async function isKnownToServer(ports: ParsecPorts, device: LocalDevice, options: ResolveOptions): Promise<boolean> {
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const { transport, clock, random, diagnostics } = ports;
  const connection = new AuthenticatedConnection({
    transport,
    clock,
    random,
    diagnostics,
    address,
    deviceId,
    signingKey,
  });
  try {
    await connection.send(organizationInfo, {}, options);
    return true;
  } catch (error) {
    if (hasCode(error, ...refusedAsKnown)) return true;
    if (hasCode(error, ...refusedAsUnknown)) return false;
    throw error;
  }
}
