import { type Diagnostics, noDiagnostics } from "@parsec/base";
import { CryptoMemoryError, CryptoWorkerError } from "../errors.ts";
import { type CreateWorker, currentCreateWorker } from "./create-worker.ts";
import { inTurn } from "./in-turn.ts";
import type { WorkerReply, WorkerRequest } from "./protocol.ts";

/** What bulk work and passwords gave; `undefined` when libsodium refused: the MAC is wrong. */
export type Outcome = Uint8Array<ArrayBuffer> | undefined;

/** The way of starting workers that has failed: it is not tried again. */
let failing: CreateWorker | undefined;
let diagnostics: Diagnostics = noDiagnostics;

export function setDiagnostics(next: Diagnostics): void {
  diagnostics = next;
}

/**
 * Lets `inWorker` work. Where no worker starts, or one dies, this thread does it: slowly for all else that it has to do,
 * and the diagnostics are told.
 * @throws CryptoMemoryError, CryptoWorkerError
 */
export async function offThread(
  makeRequest: () => WorkerRequest,
  inWorker: (makeRequest: () => WorkerRequest) => Promise<WorkerReply>,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const create = currentCreateWorker();
  if (failing === create) return onThisThread(makeRequest, signal);
  try {
    return outcomeOf(await inWorker(makeRequest));
  } catch (error) {
    if (!(error instanceof CryptoWorkerError)) throw error;
    if (!error.started) failing = create;
    diagnostics({ area: "crypto", event: "worker_failed", fields: { message: error.message } });
    return onThisThread(makeRequest, signal, error);
  }
}

async function onThisThread(
  makeRequest: () => WorkerRequest,
  signal: AbortSignal | undefined,
  workerError?: CryptoWorkerError,
): Promise<Outcome> {
  const { operate } = await import("./operations.js");
  return outcomeOf(await inTurn(() => operate(makeRequest()), signal), workerError);
}

function outcomeOf(reply: WorkerReply, cause?: CryptoWorkerError): Outcome {
  switch (reply.status) {
    case "done":
      return reply.bytes;
    case "refused":
      return undefined;
    case "no_memory":
      throw new CryptoMemoryError({ cause });
    case "failed":
      throw new CryptoWorkerError(`libsodium failed: ${reply.message}`, { cause, started: true });
  }
}
