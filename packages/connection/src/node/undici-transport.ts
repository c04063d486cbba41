import type { IncomingHttpHeaders } from "node:http";
import { onAbort } from "@parsec/base";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { Cancellation, Transport, TransportOptions, TransportRequest, TransportResponse } from "../transport.ts";
import { certificateAuthorities } from "./certificate-authorities.ts";
import { proxyAuthorization, proxyFor, resolveProxies } from "./proxy.ts";
import { ResponseBody } from "./response-body.ts";

const defaultMaxConnections = 16;
/** Servers drop idle sockets after five seconds and more: ours are gone before. */
const defaultKeepAliveMs = 4000;

/**
 * HTTP over undici: TLS of 1.2 at least, proxies, certificates to trust, sockets kept and limited per server.
 * @throws TransportConfigError
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const proxies = resolveProxies(options.proxy ?? "environment", process.env);
  const ca = certificateAuthorities(options.ca, process.env);
  const tls = ca === undefined ? {} : { ca };
  // The deadlines of requests run on the caller's clock: undici's own must not cut in.
  const pool = {
    connections: options.maxConnections ?? defaultMaxConnections,
    keepAliveTimeout: options.keepAliveMs ?? defaultKeepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const direct = new Agent({ ...pool, connect: tls });
  const proxied = new Map<string, ProxyAgent>();
  const agentFor = (server: URL): Dispatcher => {
    const proxy = proxyFor(proxies, server);
    if (proxy === undefined) return direct;
    const agent = proxied.get(proxy.href) ?? proxyAgent(proxy);
    proxied.set(proxy.href, agent);
    return agent;
  };
  const proxyAgent = (proxy: URL): ProxyAgent => {
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
  // Most requests go where the last one went.
  let last: { readonly text: string; readonly url: URL } | undefined;
  const parseUrl = (text: string): URL => {
    if (last?.text !== text) last = { text, url: new URL(text) };
    return last.url;
  };
  return {
    request: (request, cancellation) => {
      const url = parseUrl(request.url);
      return send(agentFor(url), url, request, cancellation);
    },
    close: async () => {
      await Promise.all([direct, ...proxied.values()].map((agent) => agent.destroy()));
    },
  };
}

function send(
  agent: Dispatcher,
  { origin, pathname, search }: URL,
  request: TransportRequest,
  cancellation: Cancellation,
): Promise<TransportResponse> {
  const { method, headers, body = null } = request;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let answer: ResponseBody | undefined;
    let aborted: Error | undefined;
    const stopListening = listen(cancellation, (reason) => {
      aborted = new Error("The request was aborted", { cause: reason });
      // While it connects undici has no controller yet: the caller does not wait for that.
      reject(aborted);
      answer?.fail(aborted);
      controller?.abort(aborted);
    });
    agent.dispatch(
      { origin, path: pathname + search, method, headers, body },
      {
        onRequestStart: (started) => {
          controller = started;
          if (aborted !== undefined) started.abort(aborted);
        },
        onResponseStart: (started, status, found) => {
          if (status < 200) return;
          answer = new ResponseBody(started);
          resolve(responseOf(status, found, answer));
        },
        onResponseData: (_controller, chunk) => answer?.push(chunk),
        onResponseEnd: () => {
          stopListening();
          answer?.end();
        },
        onResponseError: (_controller, error) => {
          stopListening();
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
