import type { RandomSource } from "@parsec/base";
import { systemRandom } from "@parsec/base";
import { SigningKey } from "@parsec/crypto";
import { DateTime, DeviceId } from "@parsec/types";
import { AuthenticatedConnection, type ConnectionOptions, type Transport } from "../../src/index.ts";
import { organizationAt } from "./stub-server.ts";
import { WatchedClock } from "./watched-clock.ts";

export const startOfTests = DateTime.parseRfc3339("2025-04-20T12:12:00Z");

/** A device of an organization on the server at `url`, with a clock that stands still. */
export function connectDevice(url: string, transport: Transport, options: Partial<ConnectionOptions> = {}) {
  const clock = new WatchedClock(startOfTests);
  const connection = new AuthenticatedConnection({
    address: organizationAt(url),
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
