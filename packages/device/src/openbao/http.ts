import {
  ByteCollector,
  type Clock,
  joinSignals,
  orAbort,
  requireMethods,
  requireObject,
  requireText,
  systemClock,
  throwIfAborted,
  utf8,
} from "@parsec/base";
import type { Transport, TransportResponse } from "@parsec/connection";
import { requireOptions } from "../arguments.ts";
import { badResponse, OpenBaoError } from "./errors.ts";

export interface OpenBaoHttpOptions {
  readonly transport: Transport;
  /** Where OpenBao is; a path in it is kept. */
  readonly serverUrl: string;
  readonly clock?: Clock | undefined;
}

export interface OpenBaoRequest {
  /** The URL's segments after `/v1`, each escaped as one, slashes included. */
  readonly segments: readonly string[];
  /** GET when absent. */
  readonly body?: object | undefined;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenBaoReply {
  readonly status: number;
  /** `undefined` when the body is no JSON. */
  readonly json: unknown;
}

export function requireHttp(options: unknown): void {
  requireObject("options", options);
  requireMethods("options.transport", Reflect.get(options, "transport"), "a transport", "request");
  requireText("options.serverUrl", Reflect.get(options, "serverUrl"));
  requireOptions(options);
}

/** How long a call may take, in milliseconds (spec 06 §12). */
const timeoutMs = 5_000;
/** No answer is near as long. */
const maxReplySize = 1024 * 1024;

/** @throws OpenBaoError OPENBAO_BAD_URL */
export function openBaoUrl(serverUrl: string, segments: readonly string[]): URL {
  const url = URL.canParse(serverUrl) ? new URL(serverUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new OpenBaoError("OPENBAO_BAD_URL", "The address of the OpenBao server is no http or https URL");
  }
  url.pathname = [url.pathname.replace(/\/$/, ""), "v1", ...segments.map(encodeURIComponent)].join("/");
  return url;
}

/**
 * One request, sent once.
 * @throws OpenBaoError OPENBAO_BAD_URL, OPENBAO_NO_RESPONSE, OPENBAO_PERMISSION_DENIED, OPENBAO_BAD_RESPONSE
 */
export async function callOpenBao(options: OpenBaoHttpOptions, request: OpenBaoRequest): Promise<OpenBaoReply> {
  return callUrl(options, openBaoUrl(options.serverUrl, request.segments).href, request);
}

/** The same for a URL that is made already. */
export async function callUrl(
  { transport, clock = systemClock }: OpenBaoHttpOptions,
  url: string,
  { body, token, signal }: Omit<OpenBaoRequest, "segments">,
): Promise<OpenBaoReply> {
  throwIfAborted(signal);
  const { signal: either, abort, release } = joinSignals(signal);
  const timer = clock.timer(timeoutMs, () => abort(new Error("The time is over")));
  const headers = {
    ...(token === undefined ? {} : { "x-vault-token": token }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const method = body === undefined ? "GET" : "POST";
  const content = body === undefined ? undefined : utf8(JSON.stringify(body));
  try {
    const response = await transport.request({ method, url, headers, body: content }, { signal: either });
    return await orAbort(readReply(response), either);
  } catch (cause) {
    throwIfAborted(signal);
    if (cause instanceof OpenBaoError) throw cause;
    throw noResponse("it did not answer", cause);
  } finally {
    timer.cancel();
    release();
  }
}

async function readReply(response: TransportResponse): Promise<OpenBaoReply> {
  const { status } = response;
  try {
    if (status >= 500) throw noResponse(`status ${status}: is it sealed?`);
    const json = parseJson(await readBody(response));
    if (status === 403) {
      throw new OpenBaoError(
        "OPENBAO_PERMISSION_DENIED",
        "OpenBao denies access: log in again with the right identity",
      );
    }
    return { status, json };
  } finally {
    response.discard();
  }
}

async function readBody(response: TransportResponse): Promise<Uint8Array> {
  const collected = new ByteCollector();
  for await (const part of response.body) {
    if (collected.size + part.length > maxReplySize) throw badResponse("it is too long");
    collected.add(part);
  }
  return collected.bytes();
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function noResponse(detail: string, cause?: unknown): OpenBaoError {
  return new OpenBaoError("OPENBAO_NO_RESPONSE", `The OpenBao server is not there (${detail}): try again later`, {
    cause,
  });
}

/** The value at a path of keys of a JSON value; `undefined` when there is none. */
export function jsonAt(json: unknown, ...keys: readonly string[]): unknown {
  let value = json;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** @throws OpenBaoError OPENBAO_BAD_RESPONSE */
export function textAt(reply: OpenBaoReply, ...keys: readonly string[]): string {
  const value = jsonAt(reply.json, ...keys);
  if (reply.status !== 200) throw badResponse(`status ${reply.status}`);
  if (typeof value !== "string") throw badResponse(`it has no text ${keys.join(".")}`);
  return value;
}

/** Whether `errors` of the answer has exactly this text. */
export function hasError({ json }: OpenBaoReply, text: string): boolean {
  const errors = jsonAt(json, "errors");
  return Array.isArray(errors) && errors.includes(text);
}
