import type { IncomingHttpHeaders } from "node:http";
import { onAbort, requireArgument, requireNatural, requireObject, requireText } from "@parsec/base";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { OfflineError } from "../errors.ts";
import type { Cancellation, Transport, TransportOptions, TransportRequest, TransportResponse } from "../transport.ts";
import { certificateAuthorities } from "./certificate-authorities.ts";
import { FreshAgent } from "./fresh-agent.ts";
import { offlineError } from "./network-error.ts";
import { proxyAuthorization, proxyFor, resolveProxies } from "./proxy.ts";
import { ResponseBody } from "./response-body.ts";

const defaultMaxConnections = 16;
/** Servers drop idle sockets after five seconds and more: ours are gone before. */
const defaultKeepAliveMs = 4000;

/** Where requests go out, and whether that is a proxy. */
interface Way {
  readonly agent: FreshAgent;
  readonly proxied: boolean;
}

/**
 * HTTP over undici: TLS of 1.2 at least, proxies, certificates to trust, sockets kept and limited per server.
 * @throws InvalidArgumentError, TransportConfigError
 */
export function createTransport(options: TransportOptions = {}): Transport {
  checkOptions(options);
  const proxies = resolveProxies(options.proxy === undefined ? "environment" : options.proxy, process.env);
  const ca = certificateAuthorities(options.ca, process.env);
  const tls = ca === undefined ? {} : { ca };
  const keepAliveMs = options.keepAliveMs ?? defaultKeepAliveMs;
  // The deadlines of requests run on the caller's clock: undici's own must not cut in.
  const pool = {
    connections: options.maxConnections ?? defaultMaxConnections,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const direct: Way = {
    agent: new FreshAgent(() => new Agent({ ...pool, connect: tls }), keepAliveMs),
    proxied: false,
  };
  const proxyAgent = (proxy: URL) => {
    const token = proxyAuthorization(proxy);
    return new ProxyAgent({
      ...pool,
      uri: `${proxy.protocol}//${proxy.host}`,
      ...(token === undefined ? {} : { token }),
      requestTls: tls,
      proxyTls: tls,
      // Proxies commonly refuse to tunnel to a plain HTTP server: those requests are forwarded.
      proxyTunnel: false,
    });
  };
  // Made now: a proxy that cannot be used is the maker's to know, and not a failure of each request.
  const proxied = new Map<URL, Way>();
  for (const proxy of [proxies.http, proxies.https]) {
    if (proxy === undefined) continue;
    proxied.set(proxy, { agent: new FreshAgent(() => proxyAgent(proxy), keepAliveMs), proxied: true });
  }
  const wayTo = (server: URL): Way => {
    const proxy = proxyFor(proxies, server);
    return (proxy === undefined ? undefined : proxied.get(proxy)) ?? direct;
  };
  // Most requests go where the last one went.
  let last: { readonly text: string; readonly url: URL; readonly way: Way } | undefined;
  const parseUrl = (text: string) => {
    if (last?.text !== text) {
      const url = new URL(text);
      last = { text, url, way: wayTo(url) };
    }
    return last;
  };
  return {
    request: async (request, cancellation) => {
      const { way, url } = parseUrl(request.url);
      return send(way, url, request, cancellation);
    },
    close: async () => {
      await Promise.all([direct, ...proxied.values()].map(({ agent }) => agent.destroy()));
    },
  };
}

function checkOptions(options: TransportOptions): void {
  requireObject("options", options);
  const { ca, maxConnections, keepAliveMs } = options;
  if (ca !== undefined) requireText("ca", ca);
  if (maxConnections !== undefined) requireNatural("maxConnections", maxConnections, { min: 1 });
  const isDuration = keepAliveMs === undefined || (Number.isFinite(keepAliveMs) && keepAliveMs > 0);
  requireArgument("keepAliveMs", keepAliveMs, "a number of milliseconds above 0", isDuration);
}

function send(
  { agent, proxied }: Way,
  { origin, pathname, search }: URL,
  request: TransportRequest,
  cancellation: Cancellation,
): Promise<TransportResponse> {
  const { method, headers, body = null } = request;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let answer: ResponseBody | undefined;
    let aborted: Error | undefined;
    const abort = (error: Error) => {
      aborted = error;
      // While it connects undici has no controller yet: the caller does not wait for that.
      reject(error);
      answer?.fail(error);
      controller?.abort(error);
    };
    const stops = [
      listen(cancellation, (reason) => abort(new Error("The request was aborted", { cause: reason }))),
      agent.onDestroy(() => abort(new OfflineError("The transport was closed"))),
    ];
    const stopListening = () => {
      for (const stop of stops) stop();
    };
    agent.get().dispatch(
      { origin, path: pathname + search, method, headers, body },
      {
        onRequestStart: (started) => {
          controller = started;
          if (aborted !== undefined) started.abort(aborted);
        },
        onResponseStart: (started, status, found) => {
          agent.seen();
          if (status < 200) return;
          answer = new ResponseBody(started);
          resolve(responseOf(status, found, answer));
        },
        onResponseData: (_controller, chunk) => {
          agent.seen();
          answer?.push(chunk);
        },
        onResponseEnd: () => {
          agent.seen();
          stopListening();
          answer?.end();
        },
        onResponseError: (_controller, cause) => {
          stopListening();
          const error = offlineError(cause, { proxied });
          reject(error);
          answer?.fail(error);
        },
      },
    );
  });
}

function listen(cancellation: Cancellation, listener: (reason: unknown) => void): () => void {
  if (cancellation.onAbort !== undefined) return cancellation.onAbort(listener);
  const { signal } = cancellation;
  const tell = () => listener(signal.reason);
  if (signal.aborted) tell();
  return onAbort(signal, tell);
}

function responseOf(status: number, headers: IncomingHttpHeaders, body: ResponseBody): TransportResponse {
  return {
    status,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body,
    discard: () => body.discard(),
  };
}
