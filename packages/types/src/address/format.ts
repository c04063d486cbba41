import type { Address, AddressKind, AddressOf } from "./address.ts";
import { kinds } from "./kinds.ts";
import { hostText, httpOrigin, type ServerLocation } from "./location.ts";

/** The canonical form, `parsec3://…` (spec 03 §5.1). */
export function formatAddress(address: Address): string {
  const query = { ...(address.useSsl ? {} : { no_ssl: "true" }), ...queryOf(address) };
  return `parsec3://${hostText(address)}${organizationPath(address)}${queryText(query)}`;
}

/** The form for e-mails, which any browser opens and the server redirects: `https://HOST/redirect…` (spec 03 §5.3). */
export function formatRedirection(address: Address): string {
  return `${httpOrigin(address)}/redirect${organizationPath(address)}${queryText(queryOf(address))}`;
}

/** The HTTP URL of a path on the server (spec 03 §5.3). `path` is percent-encoded; a missing leading `/` is added. */
export function formatHttpUrl(location: ServerLocation, path = "/"): string {
  const url = new URL(httpOrigin(location));
  url.pathname = path;
  return url.href;
}

function queryOf<Kind extends AddressKind>(address: AddressOf<Kind>): Readonly<Record<string, string>> {
  const kind: Kind = address.kind;
  return kinds[kind].query(address);
}

function organizationPath(address: Address): string {
  return address.kind === "server" ? "" : `/${encodeURIComponent(address.organizationId)}`;
}

/** The values need no escape: fixed words, and unpadded URL-safe base64. */
function queryText(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
