import type { CreateWorker, CryptoWorker, WorkerReply, WorkerStarted } from "@parsec/crypto";

/** What befalls a worker that is asked something. */
export type Fate = WorkerReply | { readonly dies: unknown };

/** A worker that starts, unless told otherwise, and meets these fates, one for each request. */
export function fatedWorker(fates: readonly Fate[], options: { readonly starts?: boolean } = {}) {
  const left = [...fates];
  let listener: { reply: (reply: WorkerReply | WorkerStarted) => void; failed: (cause: unknown) => void } | undefined;
  const worker: CryptoWorker = {
    post: () => {
      const fate = left.shift();
      queueMicrotask(() => {
        if (fate === undefined || listener === undefined) return;
        if ("dies" in fate) listener.failed(fate.dies);
        else listener.reply(fate);
      });
    },
    listen: (given) => {
      listener = given;
      if (options.starts !== false) given.reply({ status: "started" });
    },
    setBusy: () => undefined,
    terminate: () => undefined,
  };
  return { worker, die: (cause: unknown) => listener?.failed(cause) };
}

/** A worker whose file is not there: it ends as soon as it is asked something, without having started. */
export const missingWorker: CreateWorker = () =>
  fatedWorker([{ dies: new Error("404 Not Found") }], { starts: false }).worker;
