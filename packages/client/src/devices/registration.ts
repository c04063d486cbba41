import {
  type Account,
  AccountError,
  type FetchRegistrationDeviceError,
  type OrganizationUser,
  type UploadRegistrationDeviceError,
} from "@parsec/account";
import { newDeviceOfUser } from "@parsec/device";
import { DeviceLabel, type LocalDevice } from "@parsec/types";
import { requireAccount, requireOptions } from "../arguments.ts";
import type { AuthoringError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import { makeNewDevice, type NewDeviceError, type NewDeviceOptions } from "./new-device.ts";
import { ensureRegistered } from "./register-device.ts";

/** What {@link createRegistrationDevice} may throw. */
export type CreateRegistrationDeviceError =
  | FetchRegistrationDeviceError
  | UploadRegistrationDeviceError
  | AuthoringError;

/** What {@link makeDeviceFromAccount} may throw. */
export type DeviceFromAccountError = FetchRegistrationDeviceError | NewDeviceError;

/** The label that the reference gives. */
const label = /* @__PURE__ */ DeviceLabel.parse("Registration device");

/**
 * Puts a device into the vault of the user's account that makes other ones on new machines (spec 07 §7): one for each
 * organization and user. When a call had no answer, the next one ends what it began.
 * @throws CreateRegistrationDeviceError
 */
export async function createRegistrationDevice(
  context: SessionContext,
  account: Account,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  throwIfClosed(context);
  requireAccount(account);
  requireOptions(options);
  const { vault } = account;
  const { organizationId, userId } = context.device;
  const present = await vault.listRegistrationDevices(options);
  if (!present.some((user) => user.organizationId === organizationId && user.userId === userId)) {
    const device = newDeviceOfUser(context.device, label);
    // The vault first: a device that the server has, and nobody else, is of no use.
    await vault.uploadRegistrationDevice(device, options);
    return ensureRegistered(context, device, "REGISTRATION", options);
  }
  // Perhaps an earlier call got no further.
  const device = await vault.fetchRegistrationDevice({ organizationId, userId }, options);
  await context.certificates.poll(options);
  if (context.certificates.view.device(device.deviceId) !== undefined) {
    throw new AccountError("REGISTRATION_DEVICE_ALREADY_EXISTS");
  }
  await ensureRegistered(context, device, "REGISTRATION", options);
}

/**
 * Makes a device on this machine by the registration device in the vault (spec 07 §7).
 * @throws DeviceFromAccountError
 */
export async function makeDeviceFromAccount(
  ports: ParsecPorts,
  { vault }: Account,
  user: OrganizationUser,
  options: NewDeviceOptions,
): Promise<LocalDevice> {
  return makeNewDevice(ports, await vault.fetchRegistrationDevice(user, options), options);
}
