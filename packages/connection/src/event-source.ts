import { eventStreamAccept, eventsListen, interpretEvent, lastEventIdHeader, type StreamEvent } from "@parsec/protocol";
import { createParser } from "eventsource-parser";
import type { Deadline } from "./deadline.ts";
import { BadReplyError } from "./errors.ts";
import { type ExchangePorts, exchange } from "./exchange.ts";
import { commonHeaders, type RpcTarget } from "./rpc.ts";
import { errorOfResponse } from "./status.ts";
import type { TransportResponse } from "./transport.ts";

/** Longest line and longest event, in characters: those of servers have a few thousand (spec 05 §8.7). */
const maxBufferSize = 1024 * 1024;
/** The parser is fed so many characters at a time: with some line ends it looks through all of them for each line. */
const mealSize = 4096;

export interface EventSourceHandlers {
  /** Each event, in order, with its id if it has one. */
  readonly onEvent: (event: StreamEvent, id: string | undefined) => void;
  /** The server wants this many milliseconds between two attempts: any number from 0 to infinity. */
  readonly onRetry: (ms: number) => void;
  /** How long the stream may be silent, in milliseconds; asked after each sign of life. */
  readonly patience: () => number | undefined;
}

/**
 * Opens the stream of server events once and reads it to its end (spec 05 §8).
 * @throws ConnectionError when it cannot be opened or breaks; the caller's abort as it is
 */
export function readEvents(
  ports: ExchangePorts,
  target: RpcTarget,
  handlers: EventSourceHandlers,
  options: { readonly lastEventId?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { lastEventId, signal } = options;
  const headers = {
    ...commonHeaders(target),
    Accept: eventStreamAccept,
    ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventIdHeader(lastEventId) }),
  };
  return exchange(ports, { method: "GET", url: target.url, headers }, signal, async (response, deadline) => {
    if (response.status !== 200) throw errorOfResponse(response, eventsListen);
    if (response.header("content-type")?.split(";")[0] !== eventStreamAccept) {
      throw new BadReplyError("it is not an event stream");
    }
    await parseEvents(response, deadline, handlers);
  });
}

async function parseEvents(
  response: TransportResponse,
  deadline: Deadline,
  { onEvent, onRetry, patience }: EventSourceHandlers,
): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = createParser({
    maxBufferSize,
    onRetry,
    onEvent: ({ event, data, id }) => {
      const meaning = interpretEvent({ event, data });
      if (meaning.kind === "bad") throw new BadReplyError("an event is not in base64");
      onEvent(meaning, id === "" ? undefined : id);
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw new BadReplyError("an event is too long", { cause: error });
    },
  });
  deadline.setTimeout(patience());
  for await (const chunk of response.body) {
    const text = decodeUtf8(decoder, chunk);
    for (let at = 0; at < text.length; at += mealSize) parser.feed(text.slice(at, at + mealSize));
    deadline.setTimeout(patience());
  }
}

function decodeUtf8(decoder: TextDecoder, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new BadReplyError("the event stream is not UTF-8", { cause });
  }
}
