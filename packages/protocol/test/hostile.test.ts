import { fromHex } from "@parsec/base";
import { DecodeError, decode } from "@parsec/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BadRequestError, decodeRequest, type Family, families, findCommand } from "../src/index.ts";
import { readVectors } from "./support/vectors.ts";

interface Vector {
  readonly id: string;
  readonly family: Family;
  readonly cmd: string;
  readonly kind: "req" | "rep";
  readonly hex: string;
}

const vectors = readVectors<{ rpc: readonly Vector[] }>("protocol.json").rpc;

/** What a decoder makes of hostile bytes: a value, or one typed error. */
function outcome(decodeIt: () => unknown): "value" | "refused" {
  try {
    decodeIt();
    return "value";
  } catch (error) {
    if (error instanceof DecodeError || error instanceof BadRequestError) return "refused";
    throw error;
  }
}

function decodeVector({ family, cmd, kind }: Vector, bytes: Uint8Array): void {
  if (kind === "req") decodeRequest(family, bytes);
  else decode((findCommand(family, cmd) ?? expect.unreachable()).reply, bytes);
}

describe("hostile bytes", () => {
  it("of any kind are a value or a typed error", () => {
    fc.assert(
      fc.property(fc.constantFrom(...families), fc.uint8Array({ maxLength: 200 }), (family, bytes) => {
        outcome(() => decodeRequest(family, bytes));
      }),
    );
  });

  it("that differ in one byte from good ones are a value or a typed error", () => {
    fc.assert(
      fc.property(fc.constantFrom(...vectors), fc.nat(), fc.nat(255), (vector, at, byte) => {
        const bytes = fromHex(vector.hex) ?? expect.unreachable();
        bytes[at % bytes.length] = byte;
        outcome(() => decodeVector(vector, bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("that are cut anywhere are refused", () => {
    const accepted: string[] = [];
    for (const vector of vectors) {
      const bytes = fromHex(vector.hex) ?? expect.unreachable();
      // Every end of the short ones; of the long ones every seventh, which meets all kinds of places too.
      const step = bytes.length < 64 ? 1 : 7;
      for (let end = 0; end < bytes.length; end += step) {
        if (outcome(() => decodeVector(vector, bytes.subarray(0, end))) === "value")
          accepted.push(`${vector.id} ${end}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  it("do not reach an unknown command, nor what objects inherit", () => {
    for (const name of ["nope", "toString", "__proto__", "constructor"]) {
      const bytes = fromHex(`81a3636d64${(0xa0 + name.length).toString(16)}${Buffer.from(name).toString("hex")}`);
      expect(() => decodeRequest("tos", bytes ?? expect.unreachable())).toThrow(
        expect.objectContaining({ code: "UNKNOWN_COMMAND" }),
      );
    }
  });
});
