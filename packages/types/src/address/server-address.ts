import type { VerifyKey } from "@parsec/crypto";
import { type Codec, scalar } from "../codec/index.ts";
import { decodeWith } from "../text-kind.ts";
import type { Address, OrganizationAddress, ServerAddress } from "./address.ts";
import { formatAddress, formatHttpUrl } from "./format.ts";
import { serverLocation } from "./location.ts";
import { parseServerHttpUrl } from "./parse.ts";

/**
 * The address of a server from its parts. Without `port` the default one; SSL unless `useSsl` is false.
 * @throws AddressError `INVALID_URL`
 */
export function serverAddress(hostname: string, options: { port?: number; useSsl?: boolean } = {}): ServerAddress {
  return { kind: "server", ...serverLocation(hostname, options.port, options.useSsl ?? true) };
}

/** The address of the server that this address is on. */
export function toServerAddress({ hostname, port, useSsl }: Address): ServerAddress {
  return { kind: "server", hostname, port, useSsl };
}

/** The address of the organization, once its root verify key is known (spec 03 §5.4). */
export function toOrganizationAddress(
  { hostname, port, useSsl, organizationId }: Exclude<Address, ServerAddress>,
  rootVerifyKey: VerifyKey,
): OrganizationAddress {
  return { kind: "organization", hostname, port, useSsl, organizationId, rootVerifyKey };
}

/** Same kind, place and content: a default port equals no port (spec 03 §5.2). */
export function isSameAddress(a: Address, b: Address): boolean {
  return formatAddress(a) === formatAddress(b);
}

/** A server address within data: the text of its HTTP form, `https://parsec.example.com/` (spec 03 §5.3). */
export const ParsecAddr: Codec<ServerAddress> = /* @__PURE__ */ scalar<ServerAddress>(
  "ParsecAddr",
  (writer, address) => writer.str(formatHttpUrl(address)),
  (reader) => {
    const text = reader.strictStr();
    return decodeWith("ParsecAddr", () => parseServerHttpUrl(text));
  },
);
