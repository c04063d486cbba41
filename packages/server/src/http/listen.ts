import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { StartServerError } from "../errors.ts";

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string; readonly ciphers?: string } | undefined;
  /** Milliseconds that a client has for its headers and body: then it gets 408 and is cut. */
  readonly requestTimeout: number;
  /** Milliseconds after which a response of which nothing is read is cut. */
  readonly responseTimeout: number;
  readonly maxConnections: number;
}

export interface Listening {
  readonly port: number;
  /** No new connection; requests under way have `graceMs` milliseconds to end. */
  close(graceMs: number): Promise<void>;
}

/** Listens, and resolves when connections are accepted. @throws StartServerError */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, tls, requestTimeout, responseTimeout, maxConnections } = options;
  const limits = {
    requestTimeout,
    headersTimeout: requestTimeout,
    // How often stalled requests are looked for: well below the limit itself.
    connectionsCheckingInterval: Math.max(50, Math.min(1000, requestTimeout / 4)),
  };
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StartServerError("BAD_OPTION", "port: give a whole number from 0 to 65535");
  }
  const server =
    tls === undefined ? createServer(limits, listener) : createHttpsServer({ ...limits, ...tls }, listener);
  server.maxConnections = maxConnections;
  cutSlowReaders(server, responseTimeout);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: (graceMs) => closeServer(server, graceMs),
  };
}

/**
 * Cuts connections whose client reads nothing of what waits for it, so that it does not wait in memory. A response for
 * which there is nothing to send yet, an event stream or the answer of a slow webhook, may take its time.
 */
function cutSlowReaders(server: Server, timeoutMs: number): void {
  const responses = new WeakMap<Socket, number>();
  const count = (socket: Socket, more: number) => responses.set(socket, (responses.get(socket) ?? 0) + more);
  server.on("request", (request, response) => {
    const { socket } = request;
    count(socket, 1);
    response.once("close", () => count(socket, -1));
  });
  // Node tells of a socket that had neither reads nor progress of its writes for that long; kept-alive connections have
  // a shorter time of their own.
  server.setTimeout(timeoutMs, (socket: Socket) => {
    const isAnswering = (responses.get(socket) ?? 0) > 0;
    if (isAnswering && socket.writableLength === 0) socket.setTimeout(timeoutMs);
    else socket.destroy();
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A kept-alive connection that ends its last request now becomes idle later: they are looked for again and again.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): StartServerError {
  if (cause.code === "EADDRINUSE") {
    return new StartServerError("ADDRESS_IN_USE", `Port ${port} of ${host} is taken: give another port`, { cause });
  }
  return new StartServerError("CANNOT_LISTEN", `Cannot listen on ${host}, port ${port}: check both`, { cause });
}
