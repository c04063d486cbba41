import { OfflineError, type OfflineReason } from "../errors.ts";

/** What Node and undici call the failures of a connection. */
const reasons: readonly (readonly [OfflineReason, RegExp])[] = [
  ["dns", /^(ENOTFOUND|ENODATA|EAI_\w+)$/],
  ["refused", /^ECONNREFUSED$/],
  [
    "unreachable",
    /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|ETIMEDOUT|EACCES|EPERM|UND_ERR_CONNECT_TIMEOUT)$/,
  ],
  [
    "tls",
    /^(EPROTO|ERR_(TLS|SSL|OSSL)_\w+|CERT_\w+|CRL_\w+|UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/,
  ],
  ["broken", /^(ECONNRESET|ECONNABORTED|EPIPE|HPE_\w+|UND_ERR_(SOCKET|RES_CONTENT_LENGTH_MISMATCH|HEADERS_OVERFLOW))$/],
];

const sentences: Partial<Record<OfflineReason, string>> = {
  dns: "The name was not found",
  refused: "Nothing listens there",
  unreachable: "No connection can be made",
  tls: "No secure connection can be made",
  broken: "The connection ended before the answer did",
};

/** What undici says when a proxy does not let it through, as it tunnels or forwards. */
const proxyAnswer = /^Proxy (?:response|Authentication Required) \((\d+)\)/;

/**
 * The failure of a request as ours; errors that are not of the network, such as of arguments that undici refuses, as
 * they are. `proxied`: the connection is one to a proxy.
 */
export function offlineError(error: unknown, options: { readonly proxied: boolean }): unknown {
  if (!(error instanceof Error)) return error;
  const refusal = proxyAnswer.exec(error.message);
  if (refusal !== null) {
    return new OfflineError(`The proxy answered with HTTP status ${refusal[1]}`, { reason: "proxy", cause: error });
  }
  const code = codeOf(error);
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") {
    return new OfflineError("The transport was closed", { cause: error });
  }
  const [reason] = reasons.find(([, pattern]) => pattern.test(code)) ?? [];
  if (reason === undefined) return error;
  const isProxy = options.proxied && reason !== "broken" && reason !== "tls";
  return new OfflineError(`${isProxy ? "The proxy does not answer: " : ""}${sentences[reason]} (${code})`, {
    reason: isProxy ? "proxy" : reason,
    cause: error,
  });
}

/** Where several addresses were tried, the code of the first. What is not HTTP has a code in some cases only. */
function codeOf(error: Error): string {
  if (error.name === "HTTPParserError") return "HPE_INVALID";
  const [first] = error instanceof AggregateError ? error.errors : [];
  const code = "code" in error ? error.code : first instanceof Error && "code" in first ? first.code : undefined;
  return typeof code === "string" ? code : "";
}
