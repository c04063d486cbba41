import {
  createTransport,
  OfflineError,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "@parsec/connection";
import { decode, Str, struct } from "@parsec/types";

/** What somebody between client and server does to one exchange. */
export type Tamper =
  /** The reply is replaced. */
  | ((reply: Uint8Array) => Uint8Array)
  /** The server never gets the request, or its reply never arrives. */
  | "lose_request"
  | "lose_reply"
  /** The server gets it twice, and the client the second answer. */
  | "send_twice"
  /** Somebody else answers, and the server never gets the request. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> | undefined };

const CommandName = struct({ cmd: Str });

/** A transport that meddles with the commands that `tampers` names, as often as they are sent. */
export function tamperingTransport(tampers: Readonly<Record<string, Tamper>>): Transport {
  const transport = createTransport();
  return {
    async request(request, options) {
      const tamper = tampers[commandOf(request)];
      if (tamper === undefined) return transport.request(request, options);
      if (tamper === "lose_request") throw new OfflineError("lost request");
      if (typeof tamper === "object") return answer(tamper.status, tamper.headers ?? {});
      if (tamper === "send_twice") await readAll((await transport.request(request, options)).body);
      const response = await transport.request(request, options);
      const body = await readAll(response.body);
      if (tamper === "lose_reply") throw new OfflineError("lost reply");
      return {
        ...response,
        header: (name) => response.header(name),
        discard: () => undefined,
        body: once(tamper === "send_twice" ? body : tamper(body)),
      };
    },
    close: () => transport.close(),
  };
}

function answer(status: number, headers: Readonly<Record<string, string>>): TransportResponse {
  return { status, header: (name) => headers[name], body: once(new Uint8Array()), discard: () => undefined };
}

function commandOf({ method, body }: TransportRequest): string {
  return method === "POST" && body !== undefined ? decode(CommandName, body).cmd : "";
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: number[] = [];
  for await (const part of body) parts.push(...part);
  return Uint8Array.from(parts);
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}
