import { hasCode, ParsecError } from "@parsec/base";
import { AnonymousConnection, type ConnectionError } from "@parsec/connection";
import { SequesterVerifyKey } from "@parsec/crypto";
import {
  type DeviceError,
  listPreparedDevices,
  type PreparedDevice,
  prepareDevice,
  type SaveDeviceErrorCode,
  type SaveStrategy,
} from "@parsec/device";
import { organizationBootstrap } from "@parsec/protocol";
import { initializeUserStorage, type StorageError } from "@parsec/storage";
import {
  type AddressError,
  type BootstrapAddress,
  DateTime,
  DeviceLabel,
  type DeviceLabelError,
  HumanHandle,
  type HumanHandleError,
  type LocalDevice,
  newLocalUserManifest,
} from "@parsec/types";
import { resolvePrepared } from "../devices/resolve-prepared.ts";
import { ClientError, ClockDriftError, UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { bootstrapRequest, type FirstUser, newOrganization } from "./new-organization.ts";

/** What the first user of an organization says of themselves. */
export interface BootstrapOptions {
  readonly human: { readonly email: string; readonly label: string };
  readonly deviceLabel: string;
  /** How the new device is protected here. */
  readonly protection: SaveStrategy;
  /** PEM of an RSA public key: makes the organization sequestered, for ever. */
  readonly sequesterAuthorityKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link bootstrapOrganization} may throw. */
export type BootstrapError =
  | AddressError
  | HumanHandleError
  | DeviceLabelError
  | DeviceError<SaveDeviceErrorCode | "STORAGE_NOT_AVAILABLE">
  | StorageError
  | ConnectionError
  | ClockDriftError
  | UnexpectedReplyError
  | ClientError<"INVALID_BOOTSTRAP_TOKEN" | "ORGANIZATION_ALREADY_BOOTSTRAPPED" | "INVALID_SEQUESTER_KEY">;

/**
 * Creates the first user of an organization, and its device. The device file is complete on disk before the request;
 * when the reply is lost it waits there, and the same call made again, or a login with its id, finds out whether the
 * server has it (architecture §6).
 * @throws BootstrapError
 */
export async function bootstrapOrganization(
  ports: ParsecPorts,
  address: BootstrapAddress,
  options: BootstrapOptions,
): Promise<LocalDevice> {
  const firstUser = parseFirstUser(options);
  const finished = await finishEarlierBootstrap(ports, address, options);
  if (finished !== undefined) return finished;

  const organization = newOrganization(address, firstUser);
  const { device } = organization;
  const { protection, signal } = options;
  const prepared = await prepareDevice(ports.deviceStore, device, protection, { clock: ports.clock, signal });
  const timestamp = DateTime.now(ports.clock);
  const request = bootstrapRequest(organization, address, firstUser.sequesterAuthorityKey, timestamp);
  organization.rootSigningKey.destroy();
  await createOnServer(ports, address, request, prepared, signal);

  const manifest = newLocalUserManifest(device.deviceId, timestamp, { id: device.userRealmId, speculative: false });
  await initializeUserStorage(ports.storage, device, manifest);
  await prepared.commit();
  return device;
}

function parseFirstUser({ human, deviceLabel, sequesterAuthorityKey }: BootstrapOptions): FirstUser {
  return {
    humanHandle: HumanHandle.parse(human.email, human.label),
    deviceLabel: DeviceLabel.parse(deviceLabel),
    sequesterAuthorityKey: sequesterAuthorityKey === undefined ? undefined : parseAuthorityKey(sequesterAuthorityKey),
  };
}

function parseAuthorityKey(pem: string): SequesterVerifyKey {
  try {
    return SequesterVerifyKey.fromPem(pem);
  } catch (cause) {
    if (!ParsecError.is(cause)) throw cause;
    throw new ClientError("INVALID_SEQUESTER_KEY", { cause });
  }
}

/** The device of an earlier call for the same organization whose reply was lost, if the server has it. */
async function finishEarlierBootstrap(
  ports: ParsecPorts,
  { organizationId, hostname, port }: BootstrapAddress,
  { protection, signal }: BootstrapOptions,
): Promise<LocalDevice | undefined> {
  for (const prepared of await listPreparedDevices(ports.deviceStore)) {
    const { device } = prepared;
    const { serverAddress } = device;
    const isSame =
      device.organizationId === organizationId && serverAddress.hostname === hostname && serverAddress.port === port;
    if (!isSame) continue;
    try {
      const finished = await resolvePrepared(ports, prepared, protection, { signal });
      if (finished !== undefined) return finished;
    } catch (error) {
      // Another password: that device is for its own login to find out.
      if (!hasCode(error, "DECRYPTION_FAILED", "BAD_ACCESS_STRATEGY", "TOTP_DECRYPTION_FAILED")) throw error;
    }
  }
  return undefined;
}

type BootstrapRequest = ReturnType<typeof bootstrapRequest>;

/** Sends the request. A definite refusal discards the prepared device; when nothing is sure it waits. */
async function createOnServer(
  ports: ParsecPorts,
  address: BootstrapAddress,
  request: BootstrapRequest,
  prepared: PreparedDevice,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { transport, clock, random, diagnostics } = ports;
  const connection = new AnonymousConnection({ transport, clock, random, diagnostics, address });
  try {
    const reply = await connection.send(organizationBootstrap, request, { signal });
    switch (reply.status) {
      case "ok":
        return;
      case "organization_already_bootstrapped":
        throw new ClientError("ORGANIZATION_ALREADY_BOOTSTRAPPED");
      case "invalid_bootstrap_token":
        throw new ClientError("INVALID_BOOTSTRAP_TOKEN");
      case "timestamp_out_of_ballpark":
        throw new ClockDriftError(reply);
      default:
        throw new UnexpectedReplyError("organization_bootstrap", reply.status);
    }
  } catch (error) {
    if (hasCode(error, ...definiteRefusals)) await prepared.discard();
    throw error;
  }
}

/** The server has read the request and has created nothing. */
const definiteRefusals = [
  "BAD_CONTENT",
  "BODY_TOO_LARGE",
  "INCOMPATIBLE_SERVER",
  "INVALID_BOOTSTRAP_TOKEN",
  "ORGANIZATION_ALREADY_BOOTSTRAPPED",
  "ORGANIZATION_EXPIRED",
  "ORGANIZATION_NOT_FOUND",
  "TIMESTAMP_OUT_OF_BALLPARK",
  "WEB_CLIENT_NOT_ALLOWED",
] as const;
