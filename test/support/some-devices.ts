import type { ParsecOptions } from "@parsec/client";
import type { RunningServer } from "@parsec/server";
import { onTestFinished } from "vitest";
import { type HookedTransport, hookedTransport } from "./hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "./loose-devices.ts";

export interface CountedDevice extends OpenDevice {
  readonly transport: HookedTransport;
}

/** Devices of Alice, of a fresh organization, until the test is over; the commands of each are counted. */
export async function someDevices(server: RunningServer, count: 1): Promise<[CountedDevice]>;
export async function someDevices(server: RunningServer, count: 2): Promise<[CountedDevice, CountedDevice]>;
export async function someDevices(server: RunningServer, count: number): Promise<CountedDevice[]> {
  const devices = await LooseDevices.load(server);
  return Promise.all(Array.from({ length: count }, (_, index) => countedDevice(devices, index)));
}

/** One of them, until the test is over. */
export async function countedDevice(
  devices: LooseDevices,
  index: number,
  ports: ParsecOptions = {},
): Promise<CountedDevice> {
  const transport = hookedTransport();
  const device = await devices.open(index, { transport, ...ports });
  onTestFinished(() => device.close());
  return { ...device, transport };
}
