import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy on loopback that asks for a user and a password. */
export interface HttpProxy {
  /** Without credentials. */
  readonly host: string;
  /** What went through: the method and the target, in order. */
  readonly passed: readonly string[];
  /** How often it asked for (better) credentials. */
  readonly refusals: number;
  close(): Promise<void>;
}

/** Forwards plain requests and tunnels the others (`CONNECT`), for that one user. */
export async function startHttpProxy(user: string, password: string): Promise<HttpProxy> {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const passed: string[] = [];
  const sockets = new Set<Socket>();
  let refusals = 0;
  const isAllowed = ({ headers }: IncomingMessage) => {
    const allowed = headers["proxy-authorization"] === expected;
    if (!allowed) refusals += 1;
    return allowed;
  };
  const server = createServer((incoming, response) => {
    if (!isAllowed(incoming)) {
      response.writeHead(407, { "Proxy-Authenticate": "Basic" }).end();
      return;
    }
    const { method, url = "", headers } = incoming;
    passed.push(`${method} ${url}`);
    const { "proxy-authorization": _, ...forwarded } = headers;
    const outgoing = request(url, { method, headers: forwarded }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("connect", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    if (!isAllowed(incoming)) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n");
      return;
    }
    passed.push(`CONNECT ${incoming.url}`);
    const [host = "", port] = (incoming.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    get refusals() {
      return refusals;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
