import { AddressError } from "./error.ts";
import { locationOfHttpUrl, type ServerLocation } from "./location.ts";

/** What every text form of an address comes down to, before any look at its kind. */
export interface AddressParts {
  readonly location: ServerLocation;
  /** The path without its leading `/`, still percent-encoded. */
  readonly path: string;
  readonly params: URLSearchParams;
}

/** `parsec3://…` (spec 03 §5.2). @throws AddressError */
export function partsOfParsecText(text: string): AddressParts {
  const url = parseUrl(text);
  const scheme = readNoSsl(url.searchParams) ? "http" : "https";
  if (url.protocol !== "parsec3:")
    throw new AddressError("INVALID_URL_SCHEME", "Expected the scheme parsec3", { expected: "parsec3" });
  // The rules of http for hosts and ports apply: only a URL with such a scheme is checked for them.
  return partsOfHttpUrl(parseUrl(url.href.replace(/^parsec3/, scheme)));
}

/** `http(s)://HOST/redirect…` (spec 03 §5.3). @throws AddressError */
export function partsOfRedirection(text: string): AddressParts {
  const parts = partsOfHttpText(text);
  const [first, ...others] = parts.path.split("/");
  if (first !== "redirect") throw new AddressError("NOT_A_REDIRECTION", "The path does not begin with /redirect");
  return { ...parts, path: others.join("/") };
}

/** `http(s)://HOST…` (spec 03 §5.3); the scheme alone decides on SSL. @throws AddressError */
export function partsOfHttpText(text: string): AddressParts {
  const url = parseUrl(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new AddressError("INVALID_URL_SCHEME", "Expected the scheme http or https", { expected: "http(s)" });
  }
  return partsOfHttpUrl(url);
}

function partsOfHttpUrl(url: URL): AddressParts {
  return { location: locationOfHttpUrl(url), path: url.pathname.slice(1), params: url.searchParams };
}

/** The value of a parameter that must be there once. @throws AddressError */
export function singleParam(params: URLSearchParams, name: string): string {
  const [value, ...others] = params.getAll(name);
  if (value === undefined) throw new AddressError("MISSING_PARAM", `The parameter ${name} is missing`, { param: name });
  if (others.length > 0)
    throw new AddressError("DUPLICATE_PARAM", `The parameter ${name} is repeated`, { param: name });
  return value;
}

function readNoSsl(params: URLSearchParams): boolean {
  const values = params.getAll("no_ssl");
  const value = values[0]?.toLowerCase() ?? "false";
  if (value !== "true" && value !== "false") {
    throw new AddressError("INVALID_PARAM_VALUE", "The parameter no_ssl is true or false", { param: "no_ssl" });
  }
  if (values.length > 1)
    throw new AddressError("DUPLICATE_PARAM", "The parameter no_ssl is repeated", { param: "no_ssl" });
  return value === "true";
}

function parseUrl(text: string): URL {
  // Without the platform's error as a cause: it holds the text, and with it the token.
  if (!URL.canParse(text)) throw new AddressError("INVALID_URL", "Not a valid URL");
  return new URL(text);
}
