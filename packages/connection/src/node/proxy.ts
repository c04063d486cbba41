import { type ProxyConfig, TransportConfigError } from "../transport.ts";

/** The proxies in force, checked. */
export interface Proxies {
  readonly http: URL | undefined;
  readonly https: URL | undefined;
  readonly isExempt: (server: URL) => boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a {@link ProxyConfig} means (spec 05 §9.1).
 * @throws TransportConfigError `INVALID_PROXY`, without the URL, which may hold a password
 */
export function resolveProxies(config: ProxyConfig, environment: Environment): Proxies {
  const texts = config === "environment" ? fromEnvironment(environment) : config === "none" ? {} : config;
  return {
    http: parseProxy("HTTP", texts.http),
    https: parseProxy("HTTPS", texts.https),
    isExempt: exemption(texts.noProxy),
  };
}

/** The proxy to go through to a server, if any. */
export function proxyFor({ http, https, isExempt }: Proxies, server: URL): URL | undefined {
  const proxy = server.protocol === "https:" ? https : http;
  return proxy === undefined || isExempt(server) ? undefined : proxy;
}

function fromEnvironment(environment: Environment): Exclude<ProxyConfig, string> {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;
  // In a CGI program HTTP_PROXY is the request's `Proxy` header, hence the attacker's word.
  const http = environment["REQUEST_METHOD"] === undefined ? read("http_proxy") : environment["http_proxy"];
  const all = read("all_proxy");
  return { http: http || all, https: read("https_proxy") ?? all, noProxy: read("no_proxy") };
}

function parseProxy(kind: "HTTP" | "HTTPS", text: string | undefined): URL | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new TransportConfigError(
      "INVALID_PROXY",
      `Invalid ${kind} proxy configuration: expected http(s)://host:port`,
    );
  }
  return url;
}

/** `NO_PROXY`: hosts and domain suffixes, with or without port, separated by commas or blanks; `*` is all. */
function exemption(text: string | undefined): (server: URL) => boolean {
  const entries = (text ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
  return (server) => entries.some((entry) => entry === "*" || matches(entry, server));
}

function matches(entry: string, server: URL): boolean {
  const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(entry.replace(/^\*?\./, "")) ?? [];
  if (name === undefined || name === "") return false;
  const serverPort = server.port || (server.protocol === "https:" ? "443" : "80");
  if (port !== undefined && port !== serverPort) return false;
  return server.hostname === name || server.hostname.endsWith(`.${name}`);
}

/** The `Proxy-Authorization` that the user and password in a proxy's URL give. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
