import {
  type Transport,
  TransportConfigError,
  type TransportOptions,
  type TransportRequest,
  type TransportResponse,
} from "../transport.ts";

/**
 * HTTP over `fetch`. Proxies, certificates and sockets are the browser's business.
 * @throws TransportConfigError `UNSUPPORTED_OPTION` for options that only Node can keep
 */
export function createTransport(options: TransportOptions = {}): Transport {
  for (const name of ["proxy", "ca", "maxConnections", "keepAliveMs"] as const) {
    if (options[name] === undefined) continue;
    throw new TransportConfigError("UNSUPPORTED_OPTION", `A browser decides by itself about ${name}: leave it out`);
  }
  const closed = new AbortController();
  return {
    request: (request, { signal }) => send(request, AbortSignal.any([signal, closed.signal])),
    close: async () => closed.abort(new DOMException("The transport is closed", "AbortError")),
  };
}

async function send(request: TransportRequest, signal: AbortSignal): Promise<TransportResponse> {
  const { url, method, headers, body } = request;
  const response = await fetch(url, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  const reader = response.body?.getReader();
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: chunks(reader),
    discard: () => {
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
