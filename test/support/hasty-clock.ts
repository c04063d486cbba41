import { type Clock, systemClock } from "@parsec/base";

/** How many times shorter waits are. */
const haste = 20;

/** The system's time with short waits: what polls, polls fast. */
export const hastyClock: Clock = {
  now: () => systemClock.now(),
  timer: (delayMs, run) => systemClock.timer(delayMs / haste, run),
};
