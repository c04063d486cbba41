import { BlockList, isIP } from "node:net";
import { requireArgument, requireObject, requireText } from "@parsec/base";
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
 * @throws InvalidArgumentError, TransportConfigError `INVALID_PROXY`, without the URL, which may hold a password
 */
export function resolveProxies(config: ProxyConfig, environment: Environment): Proxies {
  const texts = config === "environment" ? fromEnvironment(environment) : config === "none" ? {} : explicit(config);
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

type ProxyTexts = Exclude<ProxyConfig, string>;

function explicit(config: ProxyTexts): ProxyTexts {
  requireArgument("proxy", config, '"environment", "none" or an object', typeof config !== "string");
  requireObject("proxy", config);
  for (const name of ["http", "https", "noProxy"] as const) {
    if (config[name] !== undefined) requireText(`proxy.${name}`, config[name]);
  }
  return config;
}

function fromEnvironment(environment: Environment): ProxyTexts {
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

/**
 * `NO_PROXY`: hosts and domain suffixes, IP addresses and ranges such as `10.0.0.0/8`, with or without port, separated
 * by commas or blanks; `*` is all.
 */
function exemption(text: string | undefined): (server: URL) => boolean {
  const entries = (text ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const tests = entries.map(exemptionOf);
  return (server) => tests.some((test) => test(server));
}

function exemptionOf(entry: string): (server: URL) => boolean {
  if (entry === "*") return () => true;
  const range = /^\[?([^/\]]+)\]?\/(\d+)$/.exec(entry);
  if (range !== null) return exemptRange(range[1] ?? "", Number(range[2]));
  // An address of IPv6 without brackets has no port.
  const [, host = "", port] = isIP(entry) === 6 ? [entry, entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  const name = canonicalHost(host.replace(/^\*?\./, ""));
  if (name === "") return () => false;
  return (server) => {
    const serverPort = server.port || (server.protocol === "https:" ? "443" : "80");
    if (port !== undefined && Number(port) !== Number(serverPort)) return false;
    const found = canonicalHost(server.hostname);
    return found === name || (isIP(found) === 0 && found.endsWith(`.${name}`));
  };
}

function exemptRange(network: string, prefix: number): (server: URL) => boolean {
  const version = isIP(network);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return () => false;
  const range = new BlockList();
  range.addSubnet(network, prefix, version === 4 ? "ipv4" : "ipv6");
  return (server) => {
    const host = canonicalHost(server.hostname);
    return isIP(host) !== 0 && range.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
  };
}

/** One way to write each host: as in a URL, but for the brackets of IPv6 and the dot at the end. */
function canonicalHost(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  const written = isIP(bare) === 6 ? `http://[${bare}]` : `http://${bare}`;
  return URL.canParse(written) ? new URL(written).hostname.replace(/^\[(.*)\]$/, "$1") : "";
}

/**
 * The `Proxy-Authorization` that the user and password in a proxy's URL give: their bytes, with `%` and two hex digits
 * for one byte, and any other `%` for itself.
 */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = Buffer.concat([percentDecoded(username), Buffer.from(":"), percentDecoded(password)]);
  return `Basic ${pair.toString("base64")}`;
}

function percentDecoded(text: string): Buffer {
  const byteOf = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  // A URL is ASCII: what is not was made `%` and digits when it was parsed.
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => byteOf(hex)),
    "latin1",
  );
}
