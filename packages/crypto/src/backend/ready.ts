import { loadBackend } from "#platform";
import { type CreateWorker, setCreateWorker } from "../worker/create-worker.ts";
import type { BackendChoice } from "./choice.ts";
import { loadedBackend, setBackend } from "./current.ts";

export interface ReadyOptions {
  readonly backend?: BackendChoice;
  /** Starts the worker of this package in a way of the application's own; see the README, "Bundlers". */
  readonly createWorker?: CreateWorker;
}

let last: Promise<void> = Promise.resolve();

/**
 * Loads the crypto backend; until it resolves, the synchronous primitives throw `CRYPTO_NOT_READY`. Calling again is
 * cheap, and switches when it asks for another backend than the loaded one.
 * @throws CryptoBackendError, NativeModuleMissingError
 */
export function ready(options: ReadyOptions = {}): Promise<void> {
  if (options.createWorker !== undefined) setCreateWorker(options.createWorker);
  const load = () => loadChosen(options.backend ?? "auto");
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
