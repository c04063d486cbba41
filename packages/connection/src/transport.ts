import { ParsecError, type ParsecErrorOptions } from "@parsec/base";

/** One HTTP request, whole: nothing is streamed on the way out. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

/** The head of an answer, with the body still to be read. */
export interface TransportResponse {
  /** 3xx as they come: a transport follows no redirection. 0 where a browser hides that it was one. */
  readonly status: number;
  /** The value of a header; the name in lower case. */
  header(name: string): string | undefined;
  /** The body as it comes, to be iterated once. Leaving the iteration early frees the socket. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Frees the socket without reading the body. Idempotent. */
  discard(): void;
}

/** How a request is told to stop. */
export interface Cancellation {
  readonly signal: AbortSignal;
  /**
   * The same, for a transport that prefers to be called: to make an `AbortSignal` costs more than the rest of a small
   * command. Calls `listener` at once when it was aborted before; gives what ends the calls.
   */
  readonly onAbort?: ((listener: (reason: unknown) => void) => () => void) | undefined;
}

/**
 * The HTTP port (architecture: undici on Node, `fetch` in browsers). It sends each request once, follows no redirection,
 * keeps no cookie, and rejects when there is no answer, whatever the reason. It has no timeouts: the signal brings them.
 */
export interface Transport {
  /** An abort frees the socket, also while the body is read. */
  request(request: TransportRequest, cancellation: Cancellation): Promise<TransportResponse>;
  /** Frees all sockets; what runs is rejected. */
  close(): Promise<void>;
}

/** Which proxy to go through. Node only: browsers have their own settings. */
export type ProxyConfig =
  /** What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either case. The default. */
  | "environment"
  | "none"
  | {
      /** Proxy for `http:` servers: a URL, with user and password in it where the proxy asks for them. */
      readonly http?: string | undefined;
      /** Proxy for `https:` servers. */
      readonly https?: string | undefined;
      /** Hosts to reach without a proxy, as `NO_PROXY` writes them. */
      readonly noProxy?: string | undefined;
    };

export interface TransportOptions {
  readonly proxy?: ProxyConfig | undefined;
  /**
   * PEM certificates to trust besides the usual ones. Node only. By default those in the file that `SSL_CAFILE` names
   * (spec 05 §9).
   */
  readonly ca?: string | undefined;
  /** Most sockets to one server at a time. Node only; 16 by default. */
  readonly maxConnections?: number | undefined;
  /** How long an idle socket is kept, in milliseconds. Node only; 4000 by default, less than servers wait. */
  readonly keepAliveMs?: number | undefined;
}

/** The transport cannot be built as asked for. */
export class TransportConfigError extends ParsecError<"INVALID_PROXY" | "INVALID_CA" | "UNSUPPORTED_OPTION"> {
  override readonly name: string = "TransportConfigError";
  constructor(code: "INVALID_PROXY" | "INVALID_CA" | "UNSUPPORTED_OPTION", what: string, options?: ParsecErrorOptions) {
    super(code, what, options);
  }
}
