import { joinSignals, requireObject } from "@parsec/base";
import {
  type Transport,
  TransportConfigError,
  type TransportOptions,
  type TransportRequest,
  type TransportResponse,
} from "../transport.ts";
import { networkError } from "./network-error.ts";

/**
 * HTTP over `fetch`. Proxies, certificates and sockets are the browser's business.
 * @throws InvalidArgumentError; TransportConfigError `UNSUPPORTED_OPTION` for options that only Node can keep
 */
export function createTransport(options: TransportOptions = {}): Transport {
  requireObject("options", options);
  for (const name of ["proxy", "ca", "maxConnections", "keepAliveMs"] as const) {
    if (options[name] === undefined) continue;
    throw new TransportConfigError("UNSUPPORTED_OPTION", `A browser decides by itself about ${name}: leave it out`);
  }
  const closed = new AbortController();
  return {
    request: (request, { signal }) => send(request, signal, closed.signal),
    close: async () => closed.abort(new DOMException("The transport is closed", "AbortError")),
  };
}

async function send(request: TransportRequest, signal: AbortSignal, closed: AbortSignal): Promise<TransportResponse> {
  const { url, method, headers, body } = request;
  const either = joinSignals(signal, closed);
  try {
    const response = await fetch(url, {
      method,
      headers,
      signal: either.signal,
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      credentials: "omit",
      // Not `cache: "no-store"`: with it Chromium asks for permission before each request anew. Replies to POST are not
      // kept without, and servers forbid it for the stream of events.
    });
    return responseOf(response, either.release);
  } catch (error) {
    either.release();
    throw either.signal.aborted ? error : await networkError(error, url, signal);
  }
}

function responseOf(response: Response, release: () => void): TransportResponse {
  const reader = response.body?.getReader();
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: chunks(reader),
    discard: () => {
      release();
      reader?.cancel().catch(() => undefined);
    },
  };
}

async function* chunks(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
