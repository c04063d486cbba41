import type { RandomSource } from "@parsec/base";
import { systemRandom } from "@parsec/base";
import { SigningKey } from "@parsec/crypto";
import { DateTime, DeviceId, type OrganizationAddress } from "@parsec/types";
import { AuthenticatedConnection, type ConnectionOptions, type Transport } from "../../src/index.ts";

import { WatchedClock } from "./watched-clock.ts";

export const startOfTests = DateTime.parseRfc3339("2025-04-20T12:12:00Z");

/** A device of an organization, with a clock that stands still. */
export function connectDevice(
  address: OrganizationAddress,
  transport: Transport,
  options: Partial<ConnectionOptions> = {},
) {
  const clock = new WatchedClock(startOfTests);
  const connection = new AuthenticatedConnection({
    address,
    deviceId: DeviceId.generate(),
    signingKey: SigningKey.generate(),
    transport,
    clock,
    random: middleRandom,
    ...options,
  });
  return { connection, clock };
}

/** Jitter without effect: half way between the least and the most. */
export const middleRandom: RandomSource = { ...systemRandom, unit: () => 0.5 };
