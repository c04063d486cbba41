import type { Transport } from "@parsec/connection";
import { decodeRequest } from "@parsec/protocol";

/** A transport that remembers which authenticated commands were sent. */
export class Spy implements Transport {
  readonly #transport: Transport;
  readonly #sent: { readonly cmd: string }[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  request(...[request, cancellation]: Parameters<Transport["request"]>): ReturnType<Transport["request"]> {
    if (request.method === "POST" && request.body !== undefined && request.url.includes("/authenticated/")) {
      this.#sent.push(decodeRequest("authenticated", request.body));
    }
    return this.#transport.request(request, cancellation);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** The requests of one command, oldest first. */
  requests(command: string): readonly object[] {
    return this.#sent.filter(({ cmd }) => cmd === command);
  }
}
