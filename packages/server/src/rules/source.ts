import { isIPv6, SocketAddress } from "node:net";

/** How many of the eight groups of an IPv6 address are its network's: one subscriber has a /64 for itself. */
const networkGroups = 4;

/**
 * Who an address stands for where callers are counted: an IPv4 address is one source, an IPv6 network of 64 bits too,
 * since whoever has one of its addresses has them all. Empty when the address is not known.
 */
export function sourceOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const { address } = new SocketAddress({ address: ip, family: "ipv6" });
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0");
  return `${[...first, ...zeros, ...last].slice(0, networkGroups).join(":")}::/64`;
}
