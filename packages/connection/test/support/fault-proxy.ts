import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What befalls the bytes that a server sends to one client. Counted from the start of the connection. */
export interface Fault {
  /** Closes the connection after so many bytes. */
  readonly cutAfter?: number;
  /** Closes it with a reset instead. */
  readonly reset?: boolean;
  /** Passes no more than so many bytes on, and leaves the connection open. */
  readonly stallAfter?: number;
  /** Passes the bytes on one by one. */
  readonly drip?: boolean;
  /** Waits for this before it passes anything on. */
  readonly latency?: Promise<void>;
}

/** A TCP proxy on loopback that hurts the answers of the server behind it, as networks do. */
export interface FaultProxy {
  readonly url: string;
  /** For the connections to come, one after the other; the last one for all others. */
  faults: readonly Fault[];
  /** Sockets that clients hold open. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const fault = proxy.faults[Math.min(count, proxy.faults.length - 1)] ?? {};
    count += 1;
    sockets.add(client);
    const upstream = connect(targetPort, "127.0.0.1");
    client.on("error", () => undefined);
    upstream.on("error", () => client.destroy());
    client.on("close", () => {
      sockets.delete(client);
      upstream.destroy();
    });
    client.pipe(upstream);
    passOn(upstream, client, fault).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: [],
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return proxy;
}

async function passOn(upstream: Socket, client: Socket, fault: Fault): Promise<void> {
  const { cutAfter = Number.POSITIVE_INFINITY, stallAfter = Number.POSITIVE_INFINITY } = fault;
  const limit = Math.min(cutAfter, stallAfter);
  let passed = 0;
  const end = () => {
    if (limit === stallAfter) return;
    if (fault.reset === true) client.resetAndDestroy();
    else client.end(() => client.destroy());
  };
  if (limit === 0 && limit === cutAfter) end();
  for await (const chunk of upstream as AsyncIterable<Buffer>) {
    await fault.latency;
    const part = chunk.subarray(0, Math.max(0, limit - passed));
    passed += chunk.length;
    if (fault.drip === true) for (const byte of part) await write(client, Buffer.of(byte));
    else if (part.length > 0) await write(client, part);
    if (passed >= limit) end();
  }
  if (passed < limit) client.end();
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}
