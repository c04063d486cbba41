import { AddressError } from "./error.ts";

/** Where a server is (spec 03 §5). */
export interface ServerLocation {
  /** Lower-case, in punycode; an IPv6 address has its brackets. */
  readonly hostname: string;
  /** The port that is used: 443 or 80 when the address names none. */
  readonly port: number;
  readonly useSsl: boolean;
}

export function defaultPort(useSsl: boolean): number {
  return useSsl ? 443 : 80;
}

export function isDefaultPort({ port, useSsl }: ServerLocation): boolean {
  return port === defaultPort(useSsl);
}

/** `hostname`, and `:port` when it is not the default one. */
export function hostText(location: ServerLocation): string {
  return isDefaultPort(location) ? location.hostname : `${location.hostname}:${location.port}`;
}

/** `https://HOST`, or `http://HOST` without SSL. */
export function httpOrigin(location: ServerLocation): string {
  return `${location.useSsl ? "https" : "http"}://${hostText(location)}`;
}

const legacyHostname = "saas-v3.parsec.cloud";
const currentHostname = "app.parsec.cloud";

/** The location of an http or https URL. The hostname that the public server once had becomes its current one. */
export function locationOfHttpUrl(url: URL): ServerLocation {
  const useSsl = url.protocol === "https:";
  return {
    hostname: url.hostname === legacyHostname ? currentHostname : url.hostname,
    port: url.port === "" ? defaultPort(useSsl) : Number(url.port),
    useSsl,
  };
}

/**
 * The location of a server from its parts; `port` undefined is the default one.
 * @throws AddressError `INVALID_URL` when the hostname or the port cannot be one
 */
export function serverLocation(hostname: string, port: number | undefined, useSsl: boolean): ServerLocation {
  const text = `${useSsl ? "https" : "http"}://${hostname}${port === undefined ? "" : `:${port}`}`;
  if (/[\s/?#@\\]/.test(hostname) || !URL.canParse(text)) {
    throw new AddressError("INVALID_URL", "The hostname or the port is not valid");
  }
  return locationOfHttpUrl(new URL(text));
}
