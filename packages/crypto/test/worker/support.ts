import type { CreateWorker, CryptoWorker, WorkerReply } from "@parsec/crypto";

/** A worker that dies as soon as it is asked something. */
export const dyingWorker: CreateWorker = () => {
  let failed: (cause: unknown) => void = () => undefined;
  return {
    post: () => queueMicrotask(() => failed(new Error("out of memory"))),
    listen: (listener) => {
      failed = listener.failed;
    },
    setBusy: () => undefined,
    terminate: () => undefined,
  };
};

/** A worker that answers that. */
export function answering(reply: WorkerReply): CryptoWorker {
  let listener: (reply: WorkerReply) => void = () => undefined;
  return {
    post: () => queueMicrotask(() => listener(reply)),
    listen: ({ reply: answer }) => {
      listener = answer;
    },
    setBusy: () => undefined,
    terminate: () => undefined,
  };
}
