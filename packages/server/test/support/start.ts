import { type RunningServer, type StartServerOptions, startServer } from "../../src/index.ts";
import { createStore } from "./stores.ts";

/** Starts a server on the kind of store that this run of the tests is about, unless one is given. */
export async function startTestServer(options: StartServerOptions = {}): Promise<RunningServer> {
  return await startServer({ ...options, store: options.store ?? (await createStore()) });
}
