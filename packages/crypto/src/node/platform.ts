import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CryptoWorker, WorkerReply, WorkerStarted } from "../worker/protocol.ts";

export { loadBackend } from "./load-backend.ts";
export { rsaEngine, signPkcs1v15Unprefixed } from "./rsa.ts";
export { sha256 } from "./sha256.ts";

/** How many workers share bulk work: one core is left to the calling thread. */
export const bulkWorkers = /* @__PURE__ */ Math.max(1, Math.min(4, availableParallelism() - 1));

export function startWorker(): CryptoWorker {
  // Written literally, in an entry of the build: bundlers look for exactly this.
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen({ reply, failed }) {
      worker.on("message", (message: WorkerReply | WorkerStarted) => reply(message));
      worker.on("messageerror", failed);
      worker.on("error", failed);
      worker.on("exit", (code) => failed(new Error(`The worker ended with code ${code}`)));
    },
    setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
