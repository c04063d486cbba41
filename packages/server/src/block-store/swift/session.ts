import { type Clock, delay, joinSignals, systemClock } from "@parsec/base";
import type { SwiftConfig } from "../config.ts";
import { type BlockOptions, BlockStoreError } from "../port.ts";
import { authenticate, type SwiftAccount } from "./authenticate.ts";

/** Milliseconds until the whole answer of one request is there. */
const timeoutMs = 20_000;
/** Every request may be repeated: what it does twice is as if done once. */
const triesLimit = 3;
const pauseMs = 100;

export interface SwiftRequest extends BlockOptions {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** Below the container, each part as it is; empty for the container itself. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Requests to a container, with a login that is renewed when it has run out. */
export class SwiftSession {
  readonly #config: SwiftConfig;
  readonly #clock: Clock;
  #account: Promise<SwiftAccount> | undefined;

  constructor(config: SwiftConfig, clock: Clock = systemClock) {
    this.#config = config;
    this.#clock = clock;
  }

  /**
   * Sends a request, again when the service did not do it, and gives what `read` makes of its answer. Not found is an answer.
   * @throws BlockStoreError
   */
  async send<T>(request: SwiftRequest, read: (response: Response) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const joined = joinSignals(request.signal);
      const timer = this.#clock.timer(timeoutMs, () => joined.abort(failed("no answer in time")));
      try {
        return await this.#try(request, joined.signal, read);
      } catch (error) {
        request.signal?.throwIfAborted();
        const told = error instanceof BlockStoreError ? error : failed(reasonOf(error), error);
        if (tries >= triesLimit || told.code !== "BLOCK_STORE_FAILED") throw told;
      } finally {
        timer.cancel();
        joined.release();
      }
      await delay(this.#clock, pauseMs * tries, { signal: request.signal });
    }
  }

  async #try<T>(request: SwiftRequest, signal: AbortSignal, read: (response: Response) => Promise<T>): Promise<T> {
    const { method, path = "", query = {}, headers, body } = request;
    this.#account ??= authenticate(this.#config, signal);
    const account = this.#account;
    let known: SwiftAccount;
    try {
      known = await account;
    } catch (error) {
      if (this.#account === account) this.#account = undefined;
      throw error;
    }
    const { storageUrl, token } = known;
    const parts = [this.#config.container, ...path.split("/").filter((part) => part !== "")];
    const url = `${storageUrl}/${parts.map(encodeURIComponent).join("/")}?${new URLSearchParams(query)}`;
    const response = await fetch(url, {
      method,
      headers: { ...headers, "X-Auth-Token": token },
      body: body ?? null,
      signal,
    });
    if (response.ok || response.status === 404) return await read(response);
    await response.body?.cancel();
    if (response.status === 401 && this.#account === account) this.#account = undefined;
    throw failed(`HTTP ${response.status}`);
  }
}

function failed(reason: string, cause?: unknown): BlockStoreError {
  const what = `The container of the block store did not do it (${reason})`;
  return new BlockStoreError("BLOCK_STORE_FAILED", `${what}: look whether it can be reached`, { cause });
}

/** Without what the message may quote. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.name;
}
