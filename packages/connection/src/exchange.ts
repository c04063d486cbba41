import { BugError, ByteCollector, type Clock, ParsecError, throwIfAborted } from "@parsec/base";
import { Deadline } from "./deadline.ts";
import { BadReplyError, OfflineError } from "./errors.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What every request goes through. */
export interface ExchangePorts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** How long nothing may happen, in milliseconds: while an answer is awaited, and between two parts of it. */
  readonly timeoutMs: number;
}

/**
 * Sends one request, once, and lets `use` look at the answer. It settles as soon as the signal aborts or the patience
 * ends, whatever the transport does; the socket is free again in the end.
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
  const answered = async () => {
    const found = await transport.request(request, deadline);
    if (deadline.isCancelled) found.discard();
    deadline.throwIfAborted();
    response = found;
    deadline.touch();
    return use(found, deadline);
  };
  try {
    return await deadline.race(answered());
  } catch (error) {
    // The deadline's reason says more than what the transport makes of it.
    deadline.throwIfAborted();
    throw typed(error);
  } finally {
    deadline.stop();
    response?.discard();
  }
}

/** Transports say `OFFLINE` with its reason where they know it; what is no failure of the network is a mistake in code. */
function typed(error: unknown): unknown {
  if (ParsecError.is(error)) return error;
  if (isMistake(error)) return new BugError("The request could not be made", { cause: error });
  return new OfflineError("No answer from the server", { cause: error });
}

/** Of Node and undici. */
const mistakenCodes = /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|ERR_INVALID_\w+|ERR_HTTP_INVALID_\w+)$/;
const mistakes = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

/** The `TypeError`s of `fetch` are failures of the network, which it tells by their text or their cause alone. */
function isMistake(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && mistakenCodes.test(error.code)) return true;
  if (!mistakes.some((Mistake) => error instanceof Mistake)) return false;
  const isOfFetch = error.cause instanceof Error || /fetch|network|load failed|terminated/i.test(error.message);
  return !(error instanceof TypeError && isOfFetch);
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
  const collected = new ByteCollector();
  for await (const part of response.body) {
    deadline.touch();
    if (collected.size + part.length > limit) throw tooLong();
    collected.add(part);
  }
  return collected.bytes();
}
