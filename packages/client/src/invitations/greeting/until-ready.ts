import { type Clock, delay } from "@parsec/base";

/** Waits between the starts of two tries, in milliseconds; the last one repeats (spec 09b §3.1). */
const waitsMs = [62.5, 125, 250, 500, 1000] as const;

/**
 * Sends the same step until the peer has sent its own. There is no time limit: people compare codes meanwhile.
 * An abort rejects with `signal.reason`.
 */
export async function untilReady<Reply extends { readonly status: string }>(
  clock: Clock,
  send: () => Promise<Reply>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Exclude<Reply, { readonly status: "not_ready" }>> {
  for (let tries = 0; ; tries += 1) {
    const start = clock.now();
    const reply = await send();
    if (!isNotReady(reply)) return reply as Exclude<Reply, { readonly status: "not_ready" }>;
    const wait = waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 1000;
    await delay(clock, Math.max(0, wait - (clock.now() - start) / 1000), options);
  }
}

function isNotReady(reply: { readonly status: string }): boolean {
  return reply.status === "not_ready";
}
