import { hasCode, ParsecError } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import { SequesterVerifyKey } from "@parsec/crypto";
import {
  type DeviceError,
  listPreparedDevices,
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
  isSameAddress,
  type LocalDevice,
  newLocalUserManifest,
  toServerAddress,
} from "@parsec/types";
import { connectAnonymously } from "../devices/connect-as.ts";
import { isKnownToServer, resolvePrepared, setAsideIfRefused } from "../devices/resolve-prepared.ts";
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
 * Creates the first user of an organization, and its device. The device file is complete on disk before the request,
 * and it is known that databases can be made here: the link is good for one success. When the reply is lost the file
 * waits, and the same call made again, or a login with its id, finds out whether the server has the device
 * (architecture §6).
 * @throws BootstrapError
 */
export async function bootstrapOrganization(
  ports: ParsecPorts,
  address: BootstrapAddress,
  options: BootstrapOptions,
): Promise<LocalDevice> {
  const firstUser = parseFirstUser(options);
  await ports.storage.check();
  const finished = await finishEarlierBootstrap(ports, address, options);
  if (finished !== undefined) return finished;

  const organization = newOrganization(address, firstUser);
  const { device } = organization;
  const { protection, signal } = options;
  const prepared = await prepareDevice(ports.deviceStore, device, protection, { clock: ports.clock, signal });
  const timestamp = DateTime.now(ports.clock);
  const request = bootstrapRequest(organization, address, firstUser.sequesterAuthorityKey, timestamp);
  organization.rootSigningKey.destroy();
  try {
    await createOnServer(ports, address, request, device, signal);
  } catch (error) {
    await setAsideIfRefused(prepared, error);
    throw error;
  }

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
  address: BootstrapAddress,
  { protection, signal }: BootstrapOptions,
): Promise<LocalDevice | undefined> {
  for (const prepared of await listPreparedDevices(ports.deviceStore)) {
    const { device } = prepared;
    // With or without TLS are two addresses: one may be a typing error that nobody answers.
    const isSameServer = isSameAddress(device.serverAddress, toServerAddress(address));
    if (device.organizationId !== address.organizationId || !isSameServer) continue;
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

async function createOnServer(
  ports: ParsecPorts,
  address: BootstrapAddress,
  request: BootstrapRequest,
  device: LocalDevice,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reply = await connectAnonymously(ports, address).send(organizationBootstrap, request, { signal });
  switch (reply.status) {
    case "ok":
      return;
    case "organization_already_bootstrapped":
      // By this very request, perhaps: something between may have sent it twice.
      if (await isKnownToServer(ports, device, { signal })) return;
      throw new ClientError("ORGANIZATION_ALREADY_BOOTSTRAPPED");
    case "invalid_bootstrap_token":
      throw new ClientError("INVALID_BOOTSTRAP_TOKEN");
    case "timestamp_out_of_ballpark":
      throw new ClockDriftError(reply);
    default:
      throw new UnexpectedReplyError("organization_bootstrap", reply.status);
  }
}
