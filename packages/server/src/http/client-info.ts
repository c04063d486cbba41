import type { IncomingMessage } from "node:http";
import { apiVersion, apiVersionHeader, negotiateApiVersion, parseApiVersion } from "@parsec/protocol";
import type { ServerConfig } from "../config.ts";
import type { ClientInfo } from "../context.ts";
import { HttpAbort } from "../http-abort.ts";

/** Step H1 of spec 08a §1.2, and what else the headers tell of a client. */
export function clientInfo(incoming: IncomingMessage, config: ServerConfig): ClientInfo {
  const announced = parseApiVersion(headerOf(incoming, apiVersionHeader) ?? "");
  if (announced === undefined || negotiateApiVersion(announced, [apiVersion]) === undefined) {
    throw new HttpAbort("unsupportedApiVersion");
  }
  const userAgent = headerOf(incoming, "user-agent") ?? "unknown";
  return { apiVersion: announced, userAgent, ip: clientIp(incoming, config) };
}

/** A header's value; the first one when it is repeated. */
export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}

/** The peer's address, or the one that a trusted proxy says it forwards for (spec 08c §2.4). */
function clientIp(incoming: IncomingMessage, config: ServerConfig): string {
  const peer = plainAddress(incoming.socket.remoteAddress ?? "");
  if (!config.trustedProxies.trusts(peer)) return peer;
  const forwarded = headerOf(incoming, "x-forwarded-for")?.split(",") ?? [];
  const addresses = forwarded.map((address) => plainAddress(address.trim())).filter((address) => address !== "");
  addresses.reverse();
  return addresses.find((address) => !config.trustedProxies.trusts(address)) ?? addresses.at(-1) ?? peer;
}

/** `https` when a trusted proxy says that it received so. */
export function requestScheme(incoming: IncomingMessage, config: ServerConfig): "http" | "https" {
  const peer = plainAddress(incoming.socket.remoteAddress ?? "");
  const forwarded = config.trustedProxies.trusts(peer) ? headerOf(incoming, "x-forwarded-proto") : undefined;
  return forwarded === "https" || "encrypted" in incoming.socket ? "https" : "http";
}

/** An IPv4 address that came in over IPv6 is shown as IPv4. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
