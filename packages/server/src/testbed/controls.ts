import type { Clock, Timer } from "@parsec/base";
import type { ServerConfig } from "../config.ts";
import { Faults } from "./faults.ts";

/** What the control routes can change while a testbed server runs (spec 13 §7). */
export class TestbedControls {
  readonly clock: ControlledClock;
  readonly faults = new Faults();
  checkBallpark = true;
  /** Settings that replace those of the start until the next reset. */
  config: Partial<ServerConfig> = {};

  constructor(clock: Clock) {
    this.clock = new ControlledClock(clock);
  }

  reset(): void {
    this.clock.freeze(null);
    this.faults.clear();
    this.checkBallpark = true;
    this.config = {};
  }
}

/** A clock that can stand still at a date. Its timers follow the real one. */
export class ControlledClock implements Clock {
  readonly #real: Clock;
  #frozen: number | null = null;

  constructor(real: Clock) {
    this.#real = real;
  }

  /** Microseconds since the epoch; null lets the time run again. */
  freeze(now: number | null): void {
    this.#frozen = now;
  }

  now(): number {
    return this.#frozen ?? this.#real.now();
  }

  timer(delayMs: number, run: () => void): Timer {
    return this.#real.timer(delayMs, run);
  }
}
