import type { IncomingMessage } from "node:http";
import { ByteCollector } from "@parsec/base";
import { HttpAbort } from "../http-abort.ts";

/** Bytes that a request announces; `limit` when it does not. @throws HttpAbort `bodyTooLarge` */
export function expectedSize(incoming: IncomingMessage, limit: number): number {
  const declared = incoming.headers["content-length"];
  if (declared === undefined) return limit;
  if (!(Number(declared) <= limit)) throw new HttpAbort("bodyTooLarge");
  return Number(declared);
}

/**
 * The body of a request, read no further than `limit` bytes (spec 08a §1.4).
 * @throws HttpAbort `bodyTooLarge`, also when the client goes away before the end
 */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array> {
  expectedSize(incoming, limit);
  const collected = new ByteCollector();
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) throw new HttpAbort("bodyTooLarge");
      if (collected.size + chunk.length > limit) throw new HttpAbort("bodyTooLarge");
      collected.add(chunk);
    }
  } catch (error) {
    if (error instanceof HttpAbort) throw error;
    throw new HttpAbort("bodyTooLarge");
  }
  // A copy of the exact size: rows keep views on it, and a chunk may be a view on a much larger buffer of Node.
  return new Uint8Array(collected.bytes());
}
