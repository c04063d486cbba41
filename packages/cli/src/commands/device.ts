import { type AvailableDevice, password } from "@parsec/client";
import { DateTime, formatAddress, HumanHandle } from "@parsec/types";
import { CommandError, UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { fieldLines, type OutputRecord } from "../output.ts";
import { readSecret, unlocking } from "../secrets.ts";
import { chooseDevice, withParsec } from "../session.ts";

export function list(invocation: Invocation): Promise<void> {
  return withParsec(invocation, async (parsec) => {
    const groups = [
      { state: "ready", devices: await parsec.devices() },
      { state: "unconfirmed", devices: await parsec.unconfirmedDevices() },
      { state: "refused", devices: await parsec.refusedDevices() },
    ];
    for (const { state, devices } of groups) {
      for (const device of devices) {
        const { deviceId, organizationId, humanHandle, deviceLabel } = device;
        const remark = state === "ready" ? "" : `  (${state})`;
        const line = `${deviceId}  ${organizationId}  ${HumanHandle.display(humanHandle)}  ${deviceLabel}${remark}`;
        invocation.output.tell({ ...deviceRecord(device), state }, line);
      }
    }
  });
}

export function info(invocation: Invocation): Promise<void> {
  return withParsec(invocation, async (parsec) => {
    const record = deviceRecord(await chooseDevice(invocation, parsec));
    invocation.output.tell(record, fieldLines(record));
  });
}

export function protect(invocation: Invocation): Promise<void> {
  return withParsec(invocation, async (parsec) => {
    const device = await chooseDevice(invocation, parsec);
    const current = await unlocking(invocation, parsec, device);
    if (device.totpOpaqueKeyId !== null) {
      throw new UsageError(
        "The device has a second factor: first parsec device totp disable, then this, then enable it",
      );
    }
    const { signal } = invocation;
    const changed = await parsec.changeProtection(device, current, await nextProtection(invocation), { signal });
    invocation.output.report(deviceRecord(changed), `The device is protected by ${changed.protection.type} now`);
  });
}

async function nextProtection(invocation: Invocation) {
  if (invocation.text("with") !== "keyring") return password(await readSecret(invocation, "newPassword"));
  const { keyring } = await import("@parsec/device");
  return keyring();
}

export function renameServer(invocation: Invocation): Promise<void> {
  const address = invocation.operand("address");
  return withParsec(invocation, async (parsec) => {
    const device = await chooseDevice(invocation, parsec);
    const protection = await unlocking(invocation, parsec, device);
    const old = await parsec.overwriteServerAddress(device, protection, address, { signal: invocation.signal });
    const was = formatAddress(old);
    invocation.output.report({ type: "server-address", old: was, new: address }, `${was} is ${address} now`);
  });
}

export function remove(invocation: Invocation): Promise<void> {
  // Nothing brings it back: that it is the only one is no reason to take it.
  if (invocation.text("device") === undefined) throw new UsageError("Say with --device which one to remove");
  return withParsec(invocation, async (parsec) => {
    const device = await chooseAny(invocation, parsec);
    await parsec.removeDevice(device, { keepData: invocation.flag("keepData") });
    invocation.output.report({ type: "removed", id: device.deviceId }, `${device.deviceId} is removed`);
  });
}

/** Also one that the server refused, or never confirmed: by id. */
async function chooseAny(invocation: Invocation, parsec: Parameters<typeof chooseDevice>[1]): Promise<AvailableDevice> {
  try {
    return await chooseDevice(invocation, parsec);
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== "NO_SUCH_DEVICE") throw error;
    const others = [...(await parsec.refusedDevices()), ...(await parsec.unconfirmedDevices())];
    const found = others.find(({ deviceId }) => deviceId === invocation.text("device"));
    if (found === undefined) throw error;
    return found;
  }
}

export function archive(invocation: Invocation): Promise<void> {
  return withParsec(invocation, async (parsec) => {
    const path = await parsec.archiveDevice(await chooseDevice(invocation, parsec));
    invocation.output.tell({ type: "archived", path }, path);
  });
}

function deviceRecord(device: AvailableDevice): OutputRecord {
  const { deviceId, organizationId, userId, deviceLabel, serverAddress, protection, path } = device;
  return {
    type: "device",
    id: deviceId,
    label: deviceLabel,
    organization: organizationId,
    server: formatAddress(serverAddress),
    user: userId,
    email: device.humanHandle.email,
    userLabel: device.humanHandle.label,
    protection: protection.type,
    secondFactor: device.totpOpaqueKeyId !== null,
    createdOn: DateTime.formatRfc3339(device.createdOn),
    path,
  };
}
