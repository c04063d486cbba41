import {
  apiVersion,
  apiVersionHeader,
  formatApiVersion,
  formatSupportedApiVersions,
  httpStatuses,
  rpcContentType,
  supportedApiVersionsHeader,
} from "@parsec/protocol";
import { HttpAbort } from "../http-abort.ts";
import { LimitReachedError } from "../limits.ts";
import { StoreUnavailableError } from "../store/errors.ts";

/** The version header of every reply after the version was settled (spec 08a §1.1). */
export const versionHeaders: Readonly<Record<string, string>> = { [apiVersionHeader]: formatApiVersion(apiVersion) };

/** A reply of a command. */
export function rpcResponse(body: Uint8Array<ArrayBuffer>): Response {
  return new Response(body, { headers: { ...versionHeaders, "Content-Type": rpcContentType } });
}

export function jsonResponse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, "Content-Type": "application/json" } });
}

export function htmlResponse(status: number, body: string): Response {
  return new Response(body, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/** The response for whatever stopped a request; never tells more than the documented texts (spec 08a §1.1). */
export function errorResponse(error: unknown): Response {
  if (error instanceof StoreUnavailableError) return jsonResponse(503, { detail: "Database unavailable" });
  if (error instanceof LimitReachedError) {
    return jsonResponse(503, { detail: error.message }, { "Retry-After": String(error.retryAfter) });
  }
  if (!(error instanceof HttpAbort)) return jsonResponse(500, { detail: "Internal Server Error" });
  return jsonResponse(httpStatuses[error.status], { detail: error.message }, headersOf(error));
}

function headersOf({ status }: HttpAbort): Readonly<Record<string, string>> {
  switch (status) {
    case "bodyTooLarge":
      // What was not read of the body would be taken for the connection's next request.
      return { Connection: "close" };
    case "unsupportedApiVersion":
      return { [supportedApiVersionsHeader]: formatSupportedApiVersions([apiVersion]) };
    case "internalError":
    case "stopping":
      return {};
    default:
      return versionHeaders;
  }
}
