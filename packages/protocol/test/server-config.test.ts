import { readFileSync } from "node:fs";
import { fromHex } from "@parsec/base";
import { decode } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { serverConfig } from "../src/index.ts";

// The server configurations that clients of every version must read: `server_config_protocol` of device-files.json.

interface Vector {
  readonly kind: "req" | "rep";
  readonly raw_hex: string;
  readonly decoded: unknown;
}

const source = new URL("../../../test/vectors/device-files.json", import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(source, "utf8")).server_config_protocol;

/** The value with its keys as our types spell them. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  const camel = (key: string) => key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camel(key), camelKeys(inner)]));
}

describe("server_config", () => {
  test.each(vectors.map((vector, index) => [index, vector] as const))("vector %i", (_, { kind, raw_hex, decoded }) => {
    const bytes = fromHex(raw_hex) ?? new Uint8Array();
    const value = kind === "req" ? decode(serverConfig.request, bytes) : decode(serverConfig.reply, bytes);
    expect(value).toMatchObject(camelKeys(decoded) as object);
  });

  test("there are some", () => expect(vectors.length).toBeGreaterThan(3));
});
