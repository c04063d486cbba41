import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { ping } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { configFrame, pingFrame } from "./events.ts";

/**
 * A server for pages, that hurts its answers. A page cannot start one: it chooses the fault by the organization's id,
 * such as `CutBody-3`, and what follows after a second hyphen only tells the pages apart.
 */
export interface BrowserFaultServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What the stream of events replays, by `Last-Event-ID`. */
export const streamedPings = [
  ["one", "00000000000000000000000000000001"],
  ["two", "00000000000000000000000000000002"],
  ["three", "00000000000000000000000000000003"],
] as const;

type Fault = (response: ServerResponse, argument: number, request: IncomingMessage) => void;

const preflightsPath = "/preflights";
const pong = Buffer.from(encode(ping.reply, { status: "ok", pong: "hello" }));
const headSize = headOf(`Content-Length: ${pong.length}`).length;
/** More than the limit of replies, when unpacked. */
const bombSize = 80 * 1024 * 1024;

export async function startBrowserFaultServer(): Promise<BrowserFaultServer> {
  const bomb = gzipSync(Buffer.alloc(bombSize), { level: 9 });
  const connections = new Map<string, number>();
  /** How often pages asked whether they may ask for each path: told below `/preflights`. */
  const preflights = new Map<string, number>();
  const faults: Readonly<Record<string, Fault>> = {
    None: (response) => response.end(pong),
    Status: (response, status) => response.writeHead(status, { "Supported-Api-Versions": "8.1" }).end(),
    Html: (response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Please log in</html>"),
    Redirect: (response, status, { url }) => response.writeHead(status, { Location: url ?? "/" }).end(),
    Gzip: (response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb),
    Length: (response) => {
      response.writeHead(200, { "Content-Length": "9999" });
      response.write(pong, () => response.destroy());
    },
    CutHead: (response, k) => cut(response, k, `Content-Length: ${pong.length}`, pong),
    CutBody: (response, k) => cut(response, headSize + k, `Content-Length: ${pong.length}`, pong),
    Stall: (response) => void response.writeHead(200, { "Content-Length": "9999" }).write(pong),
    Forbidden: (response) => response.end(pong),
    Silent: () => undefined,
    Drip: (response) => void drip(response),
    Stream: (response, k, request) => {
      const count = connections.get(request.url ?? "") ?? 0;
      connections.set(request.url ?? "", count + 1);
      const body = streamAfter(request.headers["last-event-id"]);
      if (count === 0) cut(response, k, "Content-Type: text/event-stream", body);
      else response.writeHead(200, { "Content-Type": "text/event-stream" }).write(body);
    },
  };
  const server = createServer((request, response) => {
    if (!request.url?.includes("/Forbidden-")) response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader(
      "Access-Control-Allow-Headers",
      "api-version, authorization, content-type, last-event-id, user-agent",
    );
    const { url = "" } = request;
    if (request.method === "OPTIONS") {
      preflights.set(url, (preflights.get(url) ?? 0) + 1);
      response.writeHead(204, { "Access-Control-Max-Age": "7200" }).end();
      return;
    }
    if (url.startsWith(preflightsPath)) {
      response.end(`${preflights.get(url.slice(preflightsPath.length)) ?? 0}`);
      return;
    }
    const [name = "", argument] = (url.split("/")[2] ?? "").split("-");
    request.resume().on("end", () => faults[name]?.(response, Number(argument), request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function streamAfter(lastEventId: string | string[] | undefined): Buffer {
  const seen = streamedPings.findIndex(([, id]) => id === lastEventId);
  const frames = streamedPings.slice(seen + 1).map(([text, id]) => pingFrame(text, id));
  return Buffer.from([configFrame(), ...frames].join(""));
}

function headOf(header: string): string {
  return `HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n${header}\r\nConnection: close\r\n\r\n`;
}

/** Sends the first `k` bytes of the answer, its head included, and closes the connection. */
function cut({ socket }: ServerResponse, k: number, header: string, body: Buffer): void {
  socket?.end(Buffer.concat([Buffer.from(headOf(header)), body]).subarray(0, k), () => socket.destroy());
}

async function drip(response: ServerResponse): Promise<void> {
  for (const byte of pong) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
  response.end();
}
