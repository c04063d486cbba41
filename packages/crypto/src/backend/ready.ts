import { type Diagnostics, requireArgument, requireFunction, requireObject } from "@parsec/base";
import { loadBackend } from "#platform";
import { type CreateWorker, setCreateWorker } from "../worker/create-worker.ts";
import { setDiagnostics } from "../worker/off-thread.ts";
import type { BackendChoice } from "./choice.ts";
import { loadedBackend, setBackend } from "./current.ts";

export interface ReadyOptions {
  readonly backend?: BackendChoice;
  /** Starts the worker of this package in a way of the application's own; see the README, "Bundlers". */
  readonly createWorker?: CreateWorker;
  /** Told when no worker starts, so that this thread does what workers should: `worker_failed`, with a `message`. */
  readonly diagnostics?: Diagnostics;
}

let last: Promise<void> = Promise.resolve();

/**
 * Loads the crypto backend; until it resolves, the synchronous primitives throw `CRYPTO_NOT_READY`. Calling again is
 * cheap, and switches when it asks for another backend than the loaded one.
 * @throws CryptoBackendError, InvalidArgumentError, NativeModuleMissingError
 */
export async function ready(options: ReadyOptions = {}): Promise<void> {
  requireObject("options", options);
  const { backend = "auto", createWorker, diagnostics } = options;
  requireArgument("backend", backend, '"auto", "wasm" or "native"', ["auto", "wasm", "native"].includes(backend));
  if (createWorker !== undefined) {
    requireFunction("createWorker", createWorker);
    setCreateWorker(createWorker);
  }
  if (diagnostics !== undefined) {
    requireFunction("diagnostics", diagnostics);
    setDiagnostics(diagnostics);
  }
  const load = () => loadChosen(backend);
  last = last.then(load, load);
  return last;
}

/** The name of the loaded backend, if any. */
export function backendName(): "wasm" | "native" | undefined {
  return loadedBackend()?.name;
}

async function loadChosen(choice: BackendChoice): Promise<void> {
  const loaded = loadedBackend();
  if (loaded !== undefined && (choice === "auto" || choice === loaded.name)) return;
  setBackend(await loadBackend(choice));
}
