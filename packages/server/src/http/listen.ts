import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { StartServerError } from "../errors.ts";

/** PEM texts of a certificate, with those that lead to its authority, and of its key. */
export interface TlsOptions {
  readonly key: string;
  readonly cert: string;
  /** As OpenSSL lists them, separated by colons; Node's own list by default. */
  readonly ciphers?: string;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions | undefined;
  /** Milliseconds that a client has for its headers and body: then it gets 408 and is cut. */
  readonly requestTimeout: number;
  /** Milliseconds after which a response of which nothing is read is cut. */
  readonly responseTimeout: number;
  readonly maxConnections: number;
}

export interface Listening {
  readonly port: number;
  /**
   * New connections get that certificate; those under way keep theirs.
   * @throws StartServerError `BAD_OPTION` when the two do not fit, or no HTTPS is spoken; nothing has changed then
   */
  setTls(tls: TlsOptions): void;
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
  if (tls !== undefined) checkTls(tls);
  const httpsServer = tls === undefined ? undefined : createHttpsServer({ ...limits, ...tls }, listener);
  const server = httpsServer ?? createServer(limits, listener);
  server.maxConnections = maxConnections;
  cutSlowReaders(server, responseTimeout);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    setTls: (renewed) => {
      if (httpsServer === undefined) throw new StartServerError("BAD_OPTION", "tls: this server speaks plain HTTP");
      checkTls(renewed);
      httpsServer.setSecureContext({ ...renewed });
    },
    close: (graceMs) => closeServer(server, graceMs),
  };
}

/** @throws StartServerError `BAD_OPTION` */
function checkTls(tls: TlsOptions): void {
  try {
    createSecureContext({ ...tls });
  } catch (cause) {
    const message =
      "tls: the certificate, its key or the list of ciphers is of no use: check that they belong together";
    throw new StartServerError("BAD_OPTION", message, { cause });
  }
}

/** In how many parts the patience with a slow reader is measured: it is cut at most one part late. */
const patienceParts = 6;

/**
 * Cuts connections whose client reads nothing of what waits for it, so that it does not wait in memory. A response for
 * which there is nothing to send yet, an event stream or the answer of a slow webhook, may take its time.
 */
function cutSlowReaders(server: Server, timeoutMs: number): void {
  const partMs = timeoutMs / patienceParts;
  const states = new WeakMap<Socket, { responses: number; stalls: number; lastStall: number }>();
  server.on("request", (request, response) => {
    const state = states.get(request.socket) ?? { responses: 0, stalls: 0, lastStall: 0 };
    states.set(request.socket, state);
    state.responses += 1;
    response.once("close", () => {
      state.responses -= 1;
    });
  });
  // Node tells of a socket that had neither reads nor progress of its writes for a while, once for each write at the
  // earliest the second time; kept-alive connections have a time of their own.
  server.setTimeout(partMs, (socket: Socket) => {
    const state = states.get(socket);
    // The first request has a time limit of its own; after it the client has kept the connection for long enough.
    if (state === undefined) {
      socket.setTimeout(partMs);
      return;
    }
    if (state.responses === 0) {
      socket.destroy();
      return;
    }
    const now = performance.now();
    const isFollowing = now - state.lastStall < 1.5 * partMs;
    state.stalls = socket.writableLength === 0 ? 0 : isFollowing ? state.stalls + 1 : 1;
    state.lastStall = now;
    if (state.stalls >= patienceParts) socket.destroy();
    else socket.setTimeout(partMs);
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
