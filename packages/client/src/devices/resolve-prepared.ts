import { hasCode } from "@parsec/base";
import { OfflineError, RefusedError } from "@parsec/connection";
import { loadDevice, type PreparedDevice, type Protection } from "@parsec/device";
import { organizationInfo } from "@parsec/protocol";
import { formatHttpUrl, type LocalDevice } from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { connectAs } from "./connect-as.ts";

// A device whose creation was asked for and never confirmed here: the reply was lost, or the process ended. Only the
// server knows whether it exists (architecture §6, a device that must not be lost). Its file is never deleted for what
// anybody answers: proxies and portals answer too, and servers are restored from backups.

interface ResolveOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The device of a prepared file, once the server has recognised it: the file has its name then. `undefined` when the
 * server itself says that it does not know it: the file is set aside.
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
  await prepared.setAside();
  return undefined;
}

/** Refused because of who they are: so they exist. */
const refusedAsKnown = ["USER_REVOKED", "USER_FROZEN", "USER_MUST_ACCEPT_TOS"] as const;
/** A device that no request has created. An organization that is not bootstrapped is not found. */
const refusedAsUnknown = ["BAD_AUTHENTICATION", "ORGANIZATION_NOT_FOUND"] as const;

/**
 * Whether the server has a device.
 * @throws ConnectionError naming the server, UnexpectedReplyError: it did not tell
 */
export async function isKnownToServer(
  ports: ParsecPorts,
  device: LocalDevice,
  options: ResolveOptions,
): Promise<boolean> {
  const connection = connectAs(ports, device);
  try {
    const reply = await connection.send(organizationInfo, {}, options);
    if (reply.status !== "ok") throw new UnexpectedReplyError("organization_info", reply.status);
    return true;
  } catch (error) {
    if (isProvedRefusal(error) && hasCode(error, ...refusedAsKnown)) return true;
    if (isProvedRefusal(error) && hasCode(error, ...refusedAsUnknown)) return false;
    throw namingServer(error, formatHttpUrl(device.serverUrl));
  }
}

/** Parsec's own answer, and not that of something between (architecture §6). */
function isProvedRefusal(error: unknown): error is RefusedError {
  return error instanceof RefusedError && error.isFromParsec;
}

/** Who waits must know for whom: the address may be mistyped, or of another network. */
function namingServer(error: unknown, url: string): unknown {
  if (error instanceof OfflineError) {
    const { reason, status, isFromParsec } = error;
    const what = `The device waits to be confirmed by ${url}, which gave no answer`;
    return new OfflineError(what, { reason, isFromParsec, cause: error, ...(status === undefined ? {} : { status }) });
  }
  if (error instanceof RefusedError) {
    const { reason, status, isFromParsec } = error;
    const detail = `the device waits to be confirmed by ${url}`;
    return new RefusedError(reason, { detail, status, isFromParsec, cause: error });
  }
  return error;
}

/** What the server says in a reply of its own when it has not made the device that was asked for. */
const repliedRefusals = [
  "GREATER_TIMESTAMP_UNREACHABLE",
  "INVALID_BOOTSTRAP_TOKEN",
  "ORGANIZATION_ALREADY_BOOTSTRAPPED",
  "TIMESTAMP_OUT_OF_BALLPARK",
] as const;

/**
 * After a failed request to create a device: sets its file aside when the server itself has refused. When nothing is
 * sure the file waits where it is.
 */
export async function setAsideIfRefused(prepared: PreparedDevice, failure: unknown): Promise<void> {
  if (isProvedRefusal(failure) || hasCode(failure, ...repliedRefusals)) await prepared.setAside();
}
