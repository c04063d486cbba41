import { fromHex, toHex } from "@parsec/base";
import { decode, encode } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { type AnyCommand, BadRequestError, decodeRequest, type Family, findCommand } from "../src/index.ts";
import { toNeutral } from "./support/neutral.ts";
import { readVectors } from "./support/vectors.ts";

interface Vector {
  readonly id: string;
  readonly family: Family;
  readonly cmd: string;
  readonly kind: "req" | "rep";
  readonly hex: string;
  readonly canonical?: boolean;
  readonly canonical_hex?: string;
  readonly expect?: "decode_error" | "unknown_status" | "ok";
  readonly content?: object;
  /** Set where the bytes hold a field in a form that only readers know. */
  readonly lenient?: string;
  readonly unknown_status?: string;
  readonly reason?: string | null;
}

const { rpc, misc } = readVectors<{ rpc: readonly Vector[]; misc: readonly Vector[] }>("protocol.json");
const good = [...rpc, ...misc].filter((vector) => vector.expect === undefined || vector.expect === "ok");

function commandOf({ family, cmd }: Vector): AnyCommand {
  const command = findCommand(family, cmd);
  if (command === undefined) throw new Error(`no command ${family} ${cmd}`);
  return command;
}

function codecOf(vector: Vector) {
  const command = commandOf(vector);
  return vector.kind === "req" ? command.request : command.reply;
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? expect.unreachable("a vector is in hex");
}

/** Our one addition to the schema (spec 05 §10): the reference ignores it, so that its bytes are without it. */
function withoutAddition(value: unknown): unknown {
  const { allowedClientAgent: _, ...rest } = value as Record<string, unknown>;
  return rest;
}

describe("vectors of the protocol", () => {
  it("are all there", () => {
    expect(rpc).toHaveLength(489);
    expect(good.length).toBe(489 - 5 + 1);
  });

  it.each(good)("$id decodes to the expected value and re-encodes", (vector) => {
    const codec = codecOf(vector);
    const value = decode(codec, bytesOf(vector.hex));
    if (vector.lenient === undefined) expect(vector.content).toMatchObject(toNeutral(codec.schema, value) as object);
    const canonical = vector.canonical_hex ?? (vector.expect === "ok" ? undefined : vector.hex);
    if (canonical !== undefined) expect(toHex(encode(codec, withoutAddition(value)))).toBe(canonical);
  });

  it.each(rpc.filter((vector) => vector.expect === "decode_error"))("$id is refused", (vector) => {
    expect(() => decode(codecOf(vector), bytesOf(vector.hex))).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }),
    );
    if (vector.kind === "req") {
      expect(() => decodeRequest(vector.family, bytesOf(vector.hex))).toThrow(BadRequestError);
    }
  });

  it.each(misc.filter((vector) => vector.expect === "unknown_status"))("$id is a value", (vector) => {
    const { reply } = commandOf(vector);
    const expected = { status: "unknown_status", unknownStatus: vector.unknown_status, reason: vector.reason };
    const value = decode(reply, bytesOf(vector.hex));
    expect(value).toEqual(expected);
    expect(decode(reply, encode(reply, value))).toEqual(expected);
  });

  it("keeps the decoding error of a known status", () => {
    const vector = misc.find(({ id }) => id === "misc/known_status_bad_field") ?? expect.unreachable();
    expect(() => decode(codecOf(vector), bytesOf(vector.hex))).toThrow("human_handle");
  });

  it("is found by the server from the body alone", () => {
    for (const vector of good.filter(({ kind }) => kind === "req")) {
      expect(decodeRequest(vector.family, bytesOf(vector.hex))).toMatchObject({ cmd: vector.cmd });
    }
  });
});
