import { requireArgument, requireObject, requireSignal } from "@parsec/base";
import {
  type AnyCommand,
  apiVersion,
  apiVersionHeader,
  bearer,
  type FieldsOf,
  formatApiVersion,
  type ReplyOf,
  requestBodyLimit,
  rpcContentType,
} from "@parsec/protocol";
import { DecodeError, decode, encode } from "@parsec/types";
import { BadReplyError, RefusedError } from "./errors.ts";
import { type ExchangePorts, exchange, readBody } from "./exchange.ts";
import { errorOfResponse } from "./status.ts";
import type { TransportResponse } from "./transport.ts";

export interface SendOptions {
  /** An abort rejects with `signal.reason` and frees the socket; the server may still execute the command. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a command goes, and with whose proof. */
export interface RpcTarget {
  readonly url: string;
  /** The bearer token, made for this one request; absent for families without authorization. */
  readonly token?: string | undefined;
  readonly userAgent: string;
}

const ownVersion = /* @__PURE__ */ formatApiVersion(apiVersion);

/** The headers that all requests of a client share (spec 05 §2). */
export function commonHeaders({ token, userAgent }: RpcTarget): Record<string, string> {
  const headers: Record<string, string> = { [apiVersionHeader]: ownVersion, "User-Agent": userAgent };
  if (token !== undefined) headers["Authorization"] = bearer(token);
  return headers;
}

/** @throws InvalidArgumentError */
export function checkSend(command: AnyCommand, fields: unknown, options: SendOptions): void {
  const isCommand = typeof command === "object" && command !== null && typeof command.name === "string";
  requireArgument("command", command, "a command of @parsec/protocol", isCommand);
  requireObject("fields", fields);
  requireObject("options", options);
  requireSignal("signal", options.signal);
}

/**
 * Sends a command once and decodes its reply. `onHead` sees the head of the answer before its status is judged.
 * @throws ConnectionError; the caller's abort as it is
 */
export async function sendCommand<C extends AnyCommand>(
  ports: ExchangePorts,
  target: RpcTarget,
  command: C,
  fields: FieldsOf<C>,
  options: SendOptions & { readonly onHead?: (response: TransportResponse) => void } = {},
): Promise<ReplyOf<C>> {
  const body = encode(command.request, { cmd: command.name, ...fields });
  if (body.length > requestBodyLimit) throw new RefusedError("BODY_TOO_LARGE", { detail: `${body.length} bytes` });
  const headers = commonHeaders(target);
  headers["Content-Type"] = rpcContentType;
  const request = { method: "POST", url: target.url, headers, body } as const;
  return exchange(ports, request, options.signal, async (response, deadline) => {
    options.onHead?.(response);
    if (response.status !== 200) throw errorOfResponse(response, command);
    return decodeReply(command, await readBody(response, deadline));
  });
}

function decodeReply<C extends AnyCommand>(command: C, body: Uint8Array): ReplyOf<C> {
  try {
    // `C` is a type parameter: the compiler does not compute what its codec gives.
    return decode(command.reply, body) as ReplyOf<C>;
  } catch (cause) {
    if (cause instanceof DecodeError) throw new BadReplyError(cause.reason, { cause });
    throw cause;
  }
}
