import { orAbort } from "@parsec/base";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { Transport, TransportOptions, TransportRequest, TransportResponse } from "../transport.ts";
import { certificateAuthorities } from "./certificate-authorities.ts";
import { proxyAuthorization, proxyFor, resolveProxies } from "./proxy.ts";

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
  return {
    request: (request, { signal }) => send(agentFor(new URL(request.url)), request, signal),
    close: async () => {
      await Promise.all([direct, ...proxied.values()].map((agent) => agent.destroy()));
    },
  };
}

async function send(agent: Dispatcher, request: TransportRequest, signal: AbortSignal): Promise<TransportResponse> {
  const { origin, pathname, search } = new URL(request.url);
  const { method, headers, body = null } = request;
  // While it connects, undici does not hear the signal: the caller must not wait for that.
  const {
    statusCode,
    headers: found,
    body: stream,
  } = await orAbort(agent.request({ origin, path: pathname + search, method, headers, body, signal }), signal);
  // A stream that is destroyed early says so by an error, which nobody waits for.
  stream.on("error", () => undefined);
  return {
    status: statusCode,
    header: (name) => {
      const value = found[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: plainBytes(stream),
    discard: () => {
      stream.destroy();
    },
  };
}

/** A `Buffer` is a `Uint8Array` whose `slice` does not copy: nobody up there expects that. */
async function* plainBytes(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  for await (const { buffer, byteOffset, length } of stream) yield new Uint8Array(buffer, byteOffset, length);
}
