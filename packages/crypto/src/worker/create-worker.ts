import { startWorker } from "#platform";
import type { CryptoWorker } from "./protocol.ts";

/** Starts one worker that runs `@parsec/crypto/worker`. May throw when there are none. */
export type CreateWorker = () => CryptoWorker;

let create: CreateWorker = startWorker;

export function setCreateWorker(next: CreateWorker): void {
  create = next;
}

export function currentCreateWorker(): CreateWorker {
  return create;
}
