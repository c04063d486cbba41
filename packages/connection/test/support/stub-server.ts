import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A request as it arrived, whole. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** A bare HTTP server on loopback that answers as a test says: for answers that no real server gives. */
export interface StubServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Sockets that clients hold open. */
  readonly sockets: ReadonlySet<Socket>;
  answer: Answer;
  close(): Promise<void>;
}

export interface StubServerOptions {
  /** Its key and certificate: HTTPS then. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startStubServer(answer: Answer, { tls }: StubServerOptions = {}): Promise<StubServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const onRequest: RequestListener = (incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("error", () => undefined);
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, path: url, headers, body: new Uint8Array(Buffer.concat(parts)) };
      requests.push(request);
      stub.answer(request, response);
    });
  };
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stub: StubServer = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    requests,
    sockets,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return stub;
}
