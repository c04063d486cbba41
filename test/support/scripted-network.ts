import {
  type Cancellation,
  createTransport,
  OfflineError,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "@parsec/connection";
import { decode, Str, struct } from "@parsec/types";

/** What is on its way: the name of a command, or `events_listen`. */
export interface Exchange {
  readonly command: string;
  readonly request: TransportRequest;
  readonly cancellation: Cancellation;
  /** Sends it as it is. */
  readonly pass: () => Promise<TransportResponse>;
}

/** Answers in place of the network, or passes the exchange on. */
export type Rule = (exchange: Exchange) => Promise<TransportResponse>;

const CommandName = struct({ cmd: Str });

/** A real transport, with somebody on the way whom the test tells what to do. Counts what passes by. */
export class ScriptedNetwork implements Transport {
  readonly #transport: Transport;
  readonly #cuts = new Set<() => void>();
  #isDown = false;
  /** Commands in the order in which they were sent. */
  readonly sent: string[] = [];
  /** Commands that the server has, or whose answers are being read. */
  inFlight = 0;
  rule: Rule = ({ pass }) => pass();

  constructor(transport: Transport = createTransport({ proxy: "none" })) {
    this.#transport = transport;
  }

  count(command: string): number {
    return this.sent.filter((name) => name === command).length;
  }

  /** Nothing passes any more, and streams break. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  /** What is being read breaks, streams above all. */
  cut(): void {
    for (const cut of this.#cuts) cut();
    this.#cuts.clear();
  }

  comeBack(): void {
    this.#isDown = false;
  }

  async request(request: TransportRequest, cancellation: Cancellation): Promise<TransportResponse> {
    const command = commandOf(request);
    const isCommand = command !== "events_listen";
    if (isCommand) this.sent.push(command);
    const send = () => this.#transport.request(request, cancellation);
    const pass = async () => this.#cuttable(await (isCommand ? this.#counted(send) : send()));
    return this.#ask({ command, request, cancellation, pass });
  }

  async #counted(send: () => Promise<TransportResponse>): Promise<TransportResponse> {
    this.inFlight += 1;
    let isCounted = true;
    const end = () => {
      if (isCounted) this.inFlight -= 1;
      isCounted = false;
    };
    try {
      const response = await send();
      return {
        status: response.status,
        header: (name) => response.header(name),
        body: response.body,
        discard: () => {
          end();
          response.discard();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #ask(exchange: Exchange): Promise<TransportResponse> {
    if (this.#isDown) throw new OfflineError("The cable is out", { reason: "unreachable" });
    return this.rule(exchange);
  }

  #cuttable(response: TransportResponse): TransportResponse {
    let cut = () => {};
    const broken = new Promise<never>((_, reject) => {
      cut = () => reject(new Error("The cable was pulled"));
    });
    broken.catch(() => undefined);
    this.#cuts.add(cut);
    return {
      status: response.status,
      header: (name) => response.header(name),
      body: until(broken, response.body),
      discard: () => {
        this.#cuts.delete(cut);
        response.discard();
      },
    };
  }
}

async function* until(broken: Promise<never>, body: AsyncIterable<Uint8Array>) {
  const parts = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await Promise.race([parts.next(), broken]);
    if (done === true) return;
    yield value;
  }
}

function commandOf({ method, body }: TransportRequest): string {
  return method === "POST" && body !== undefined ? decode(CommandName, body).cmd : "events_listen";
}

/** An answer that somebody else gives. */
export function answer(
  status: number,
  options: { readonly body?: Uint8Array; readonly headers?: Readonly<Record<string, string>> } = {},
): TransportResponse {
  const { body = new Uint8Array(), headers = {} } = options;
  return {
    status,
    header: (name) => headers[name],
    body: once(body),
    discard: () => undefined,
  };
}

async function* once(body: Uint8Array) {
  yield body;
}

/** Never answers, but notices an abort. */
export function silence({ cancellation }: Exchange): Promise<never> {
  return new Promise((_, reject) => {
    const { signal } = cancellation;
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** What exchanges wait at until it is opened. */
export class Gate {
  #open = () => {};
  readonly passed = new Promise<void>((resolve) => {
    this.#open = resolve;
  });
  /** How many came. */
  waiting = 0;

  /** Holds those of one command from its nth on (1 by default), before they are sent. */
  before(command: string, nth = 1): Rule {
    let count = 0;
    return async (exchange) => {
      if (exchange.command !== command) return exchange.pass();
      count += 1;
      if (count >= nth) await this.arrive();
      return exchange.pass();
    };
  }

  async arrive(): Promise<void> {
    this.waiting += 1;
    await this.passed;
  }

  open(): void {
    this.#open();
  }
}
