import { type Clock, joinBytes, throwIfAborted } from "@parsec/base";
import { Deadline } from "./deadline.ts";
import { BadReplyError, ConnectionError, OfflineError } from "./errors.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What every request goes through. */
export interface ExchangePorts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** How long nothing may happen, in milliseconds: while an answer is awaited, and between two parts of it. */
  readonly timeoutMs: number;
}

/**
 * Sends one request, once, and lets `use` look at the answer. The socket is free again in the end, whatever happens.
 * @throws ConnectionError; the caller's abort as it is
 */
export async function exchange<T>(
  { transport, clock, timeoutMs }: ExchangePorts,
  request: TransportRequest,
  signal: AbortSignal | undefined,
  use: (response: TransportResponse, deadline: Deadline) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const deadline = new Deadline(clock, timeoutMs, signal);
  let response: TransportResponse | undefined;
  try {
    response = await transport.request(request, deadline);
    deadline.touch();
    return await use(response, deadline);
  } catch (error) {
    // The deadline's reason says more than what the transport makes of it.
    deadline.throwIfAborted();
    throw error instanceof ConnectionError ? error : new OfflineError("No answer from the server", { cause: error });
  } finally {
    deadline.stop();
    response?.discard();
  }
}

/** Largest reply, in bytes (architecture §7). */
export const replyLimit = 64 * 1024 * 1024;

/**
 * The whole body of an answer.
 * @throws BadReplyError when it is longer than `limit` bytes, as it comes out of decompression
 */
export async function readBody(
  response: TransportResponse,
  deadline: Deadline,
  limit = replyLimit,
): Promise<Uint8Array> {
  const declared = Number(response.header("content-length") ?? 0);
  const tooLong = () => new BadReplyError(`it is longer than ${limit} bytes`);
  if (declared > limit) throw tooLong();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    deadline.touch();
    size += part.length;
    if (size > limit) throw tooLong();
    parts.push(part);
  }
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : joinBytes(parts);
}
