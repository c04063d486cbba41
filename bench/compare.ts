import { expect } from "vitest";

export interface Comparison {
  /** What is compared, for instance "seal 512 KiB". */
  readonly name: string;
  /** The straight-line way: the call below ours. */
  readonly raw: () => unknown;
  readonly ours: () => unknown;
  /** Least accepted speed of ours as a part of the raw one; without it the ratio is only printed. */
  readonly bar?: number;
  /** Bytes that one call works on, to print a throughput. */
  readonly bytes?: number;
}

const rounds = 40;
const roundMs = 12;
const warmUpMs = 400;
/** What takes long is measured less often. */
const longestMs = 6000;

/**
 * Measures both in turns and compares the best round of each: whatever else the machine does only ever slows a round
 * down. Prints one line; fails below the bar.
 */
export async function compare({ name, raw, ours, bar, bytes }: Comparison): Promise<void> {
  await warmUp(raw);
  await warmUp(ours);
  const calls = await callsPerRound(raw);
  const times = { raw: [] as number[], ours: [] as number[] };
  const begin = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    times.raw.push(await timeOf(raw, calls));
    times.ours.push(await timeOf(ours, calls));
    if (performance.now() - begin > longestMs) break;
  }
  const [rawMs, oursMs] = [Math.min(...times.raw), Math.min(...times.ours)];
  const ratio = rawMs / oursMs;
  const speed = bytes === undefined ? "" : `, ${(bytes / oursMs / 1000).toFixed(0)} MB/s`;
  console.log(
    `${name.padEnd(48)} raw ${rawMs.toFixed(4)} ms, ours ${oursMs.toFixed(4)} ms${speed}, ratio ${ratio.toFixed(2)}` +
      (bar === undefined ? "" : ` (bar ${bar})`),
  );
  if (bar !== undefined) expect(ratio, name).toBeGreaterThanOrEqual(bar);
}

/** Calls until the engine has compiled what it calls often. */
async function warmUp(call: () => unknown): Promise<void> {
  const begin = performance.now();
  do await call();
  while (performance.now() - begin < warmUpMs);
}

/** Milliseconds of one call, over `calls` of them. */
async function timeOf(call: () => unknown, calls: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i += 1) await call();
  return (performance.now() - start) / calls;
}

/** How many calls fill a round; browsers tell the time too coarsely to measure one call. */
async function callsPerRound(call: () => unknown): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const ms = calls * (await timeOf(call, calls));
    if (ms >= roundMs / 2) return Math.max(1, Math.round((calls * roundMs) / ms));
  }
}
