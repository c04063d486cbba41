import { fromBase64, toBase64 } from "@parsec/base";
import { DecodeError, decode, encode } from "@parsec/types";
import type { DispatchedEvent } from "../../../events/event.ts";
import { ServerEventCodec } from "../../../events/event-codec.ts";

/** Events of all servers on one database. */
export const notificationChannel = "parsec_server_events";

/** Bytes that PostgreSQL takes in one notification. */
const notificationLimit = 7999;

/** An event on its way to the other processes: as text, or, when it is too large, as the id of a row with its bytes. */
export interface OutgoingEvent {
  readonly eventId: string;
  readonly text: string;
  /** For the row; undefined when the text says all. */
  readonly payload: Uint8Array | undefined;
}

export function outgoingEvent({ eventId, event }: DispatchedEvent): OutgoingEvent {
  const payload = encode(ServerEventCodec, event);
  const text = `${eventId}:${toBase64(payload)}`;
  return text.length > notificationLimit ? { eventId, text: eventId, payload } : { eventId, text, payload: undefined };
}

export interface IncomingEvent {
  readonly eventId: string;
  /** Undefined when it is to be read from its row. */
  readonly payload: Uint8Array | undefined;
}

/** `undefined` for what no server of ours has sent. */
export function incomingEvent(text: string): IncomingEvent | undefined {
  const [, eventId, base64] = /^([0-9a-f]{32})(?::(.*))?$/.exec(text) ?? [];
  if (eventId === undefined) return undefined;
  if (base64 === undefined) return { eventId, payload: undefined };
  const payload = fromBase64(base64);
  return payload && { eventId, payload };
}

/** `undefined` for an event that this version does not know. */
export function dispatchedEvent(eventId: string, payload: Uint8Array): DispatchedEvent | undefined {
  try {
    return { eventId, event: decode(ServerEventCodec, payload) };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
