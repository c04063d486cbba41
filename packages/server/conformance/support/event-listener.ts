import assert from "node:assert/strict";
import { apiVersion, type EventsListenReply, eventsListen, formatApiVersion, interpretEvent } from "@parsec/protocol";
import type { Actor } from "./actor.ts";
import { authorization, HttpStatusError } from "./client.ts";
import type { TestOrganization } from "./organization.ts";

/** One frame of the stream, byte for byte. */
export interface Frame {
  readonly text: string;
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Milliseconds after which a frame that does not come is missing. */
const defaultPatience = 10_000;

/** Reads the event stream of a device. */
export class EventListener {
  readonly #org: TestOrganization;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #abort: AbortController;
  readonly #patience: number;
  #buffer = "";

  private constructor(
    org: TestOrganization,
    body: ReadableStream<string>,
    abort: AbortController,
    patience: number = defaultPatience,
  ) {
    this.#org = org;
    this.#reader = body.getReader();
    this.#abort = abort;
    this.#patience = patience;
  }

  /** @throws HttpStatusError unless the stream begins */
  static async open(
    org: TestOrganization,
    actor: Actor,
    options: {
      readonly lastEventId?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Milliseconds to wait for a frame. */
      readonly patience?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<EventListener> {
    const abort = new AbortController();
    const response = await fetch(`${org.client.url}/authenticated/${encodeURIComponent(org.id)}/events`, {
      headers: {
        "Api-Version": formatApiVersion(apiVersion),
        Accept: "text/event-stream",
        "User-Agent": "Parsec-Client/3.9.4 Linux",
        ...authorization({ kind: "device", ...actor }, org.now()),
        ...(options.lastEventId === undefined ? {} : { "Last-Event-ID": options.lastEventId }),
        ...options.headers,
      },
      signal: options.signal ?? abort.signal,
    });
    if (response.status !== 200) throw new HttpStatusError(response, await response.text());
    assert(response.body);
    return new EventListener(org, response.body.pipeThrough(new TextDecoderStream()), abort, options.patience);
  }

  /** The next frame; `undefined` at the end of the stream. */
  async frame(): Promise<Frame | undefined> {
    while (!this.#buffer.includes("\n\n")) {
      const { done, value } = await this.#within(this.#reader.read());
      if (done) return undefined;
      this.#buffer += value;
    }
    const end = this.#buffer.indexOf("\n\n") + 2;
    const text = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end);
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, "m").exec(text)?.[1];
    return { text, id: field("id"), event: field("event"), data: field("data") ?? "" };
  }

  /** The next event, keepalives aside, with its id. */
  async next(): Promise<{
    readonly id: string | undefined;
    readonly event: Extract<EventsListenReply, { status: "ok" }>;
  }> {
    for (;;) {
      const frame = await this.frame();
      assert(frame, "the stream has ended");
      if (frame.event === "keepalive") continue;
      const interpreted = interpretEvent({ event: frame.event, data: frame.data });
      assert(interpreted.kind === "reply", `got ${frame.text}`);
      const { reply } = interpreted;
      this.#org.client.coverage.record(eventsListen, reply.status);
      assert(reply.status === "ok");
      return { id: frame.id, event: reply };
    }
  }

  /** Waits for the end of the stream, whatever comes before. */
  async ended(): Promise<void> {
    while ((await this.frame()) !== undefined);
  }

  close(): void {
    this.#abort.abort();
    this.#reader.cancel().catch(() => undefined);
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("no event came")), this.#patience);
    });
    return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }
}
