import { fromBase64, requireText, toBase64 } from "@parsec/base";
import { DecodeError, decode, encode } from "@parsec/types";
import { type EventsListenReply, eventsListen } from "./authenticated/events-listen.ts";

/** A keepalive on an idle stream, as servers write it (spec 05 §8.2). */
export const keepaliveFrame = "event:keepalive\ndata:\n\n";
/** Tells the client that events were lost and it must look for all changes itself (spec 05 §8.4). */
export const missedEventsFrame = "event:missed_events\ndata:\n\n";

/** One event as servers write it. The first of a connection, the organization's configuration, has no id. */
export function eventFrame(reply: EventsListenReply, options: { readonly id?: string | undefined } = {}): string {
  const data = `data:${toBase64(encode(eventsListen.reply, reply))}\n`;
  return options.id === undefined ? `${data}\n` : `${data}id:${options.id}\n\n`;
}

/** An event of the stream, parsed as `text/event-stream` says. */
export interface RawEvent {
  /** The `event` field; `message` or absent by default. */
  readonly event?: string | undefined;
  readonly data: string;
}

/** What an event means to the client (spec 05 §8.3). */
export type StreamEvent =
  | { readonly kind: "reply"; readonly reply: EventsListenReply }
  | { readonly kind: "missed_events" }
  | { readonly kind: "empty" }
  /** An event that this version does not know, to be passed over. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** What no server of any version sends. */
  | { readonly kind: "bad" };

export function interpretEvent({ event = "message", data }: RawEvent): StreamEvent {
  requireText("data", data);
  if (event === "keepalive") return { kind: "empty" };
  if (event === "missed_events") return { kind: "missed_events" };
  if (event !== "message") return { kind: "unknown", reason: "unknown type of event" };
  if (data === "") return { kind: "empty" };
  const bytes = fromBase64(data);
  return bytes === undefined ? { kind: "bad" } : interpretReply(bytes);
}

function interpretReply(bytes: Uint8Array): StreamEvent {
  try {
    return { kind: "reply", reply: decode(eventsListen.reply, bytes) };
  } catch (error) {
    if (error instanceof DecodeError) return { kind: "unknown", reason: error.message };
    throw error;
  }
}

/** Far more than the 32 digits of a server, and far less than what makes a request too large for one. */
const longestEventId = 256;

/** The value of a `Last-Event-ID` header: empty when the id cannot be put in a header (spec 05 §8.4). */
export function lastEventIdHeader(id: string): string {
  requireText("id", id);
  return id.length <= longestEventId && /^[\x21-\x7e]*$/.test(id) ? id : "";
}
