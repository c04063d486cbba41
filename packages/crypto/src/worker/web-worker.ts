import type { CryptoWorker, WorkerReply, WorkerStarted } from "./protocol.ts";

/** A web worker that runs `@parsec/crypto/worker`, for `ready({ createWorker })`. */
export function webWorker(worker: Worker): CryptoWorker {
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen({ reply, failed }) {
      worker.addEventListener("message", (event: MessageEvent<WorkerReply | WorkerStarted>) => reply(event.data));
      worker.addEventListener("messageerror", failed);
      worker.addEventListener("error", failed);
    },
    setBusy: () => undefined,
    terminate: () => worker.terminate(),
  };
}
