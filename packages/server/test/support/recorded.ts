import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromBase64 } from "@parsec/base";
import { type AnyCommand, type Family, findCommand } from "@parsec/protocol";
import { DateTime, DeviceId, decode } from "@parsec/types";

const vectors = new URL("../../../../test/vectors/", import.meta.url);

/** One request and its answer, as recorded between the official client and server. */
export interface Exchange {
  readonly family: Family | "administration";
  readonly command: string;
  readonly outcome: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response: { readonly status: number; readonly body: string };
}

/** One operation of a dump (spec 13 §3). */
export type Operation = Readonly<Record<string, unknown>> & { readonly op: string };

export interface Dump {
  readonly format: string;
  readonly organization: unknown;
  readonly operations: readonly Operation[];
  readonly keys: { readonly devices: readonly { readonly device_id: string; readonly signing_key: string }[] };
}

/** A value that the vectors are known to have. */
export function known<T>(value: T | undefined): T {
  assert(value !== undefined, "the vectors have it");
  return value;
}

function readVector(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, vectors), "utf8"));
}

export const { exchanges } = readVector("exchanges.json") as { readonly exchanges: readonly Exchange[] };

export function readDump(template: string): Dump {
  return readVector(`organizations/${template}.json`) as Dump;
}

export function nameOf({ family, command, outcome }: Exchange): string {
  return `${family}/${command}/${outcome}`;
}

export function recorded(name: string): Exchange {
  const exchange = exchanges.find((candidate) => nameOf(candidate) === name);
  assert(exchange, `no exchange ${name}`);
  return exchange;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text) ?? assert.fail("not base64");
}

/** `undefined` for administration exchanges. The terms of service have a route, and so a family, of their own. */
export function commandOf({ family, command }: Exchange): AnyCommand | undefined {
  if (family === "administration") return undefined;
  return findCommand(command.startsWith("tos_") ? "tos" : family, command);
}

/** The decoded reply, as plain fields. */
export function replyOf(exchange: Exchange): Readonly<Record<string, unknown>> {
  const command = commandOf(exchange);
  return command !== undefined && exchange.response.status === 200
    ? { ...(decode(command.reply, bytesOf(exchange.response.body)) as object) }
    : {};
}

/** The decoded request, as plain fields. */
export function requestOf(exchange: Exchange): Readonly<Record<string, unknown>> {
  const command = commandOf(exchange);
  assert(command, "not a command");
  return { ...(decode(command.request, bytesOf(exchange.request.body)) as object) };
}

/** When the server answered, in µs: to the µs where the reply says it, else the second of the bearer token. */
export function recordedOn(exchange: Exchange): number {
  const { serverTimestamp, acceptedOn, submittedOn } = replyOf(exchange);
  const said = [serverTimestamp, acceptedOn, submittedOn].find((date) => typeof date === "number");
  const second = /\.(\d{10})\./.exec(exchange.request.headers["authorization"] ?? "")?.[1] ?? "1795255010";
  return typeof said === "number" ? said : Number(second) * 1e6;
}

export function recordedDate(exchange: Exchange): DateTime {
  return DateTime.fromMicros(recordedOn(exchange));
}

/** The device, or the method of an account, that the bearer token names. */
export function bearerIdOf(exchange: Exchange): string {
  const id = /PARSEC-[A-Z0-9-]+\.([0-9a-f]{32})\./.exec(exchange.request.headers["authorization"] ?? "")?.[1];
  return id ?? assert.fail(`${nameOf(exchange)} has no bearer token of a device`);
}

export function deviceOf(exchange: Exchange): DeviceId {
  return known(DeviceId.parse(bearerIdOf(exchange)));
}
