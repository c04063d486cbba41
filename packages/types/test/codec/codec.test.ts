import { decode as peerDecode, encode as peerEncode } from "@msgpack/msgpack";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as c from "../../src/codec/index.ts";

const Archiving = c.taggedUnion("type", { AVAILABLE: {}, DELETION_PLANNED: { deletionDate: c.Size } });
const Doc = c.tagged("type", "doc", {
  realmId: c.Str,
  keyIndex: c.Index,
  note: c.nullable(c.Str),
  origin: c.optional(c.Str),
  access: c.nonRequired(c.nullable(c.Bytes)),
  archiving: Archiving,
  sizes: c.map(c.Str, c.tuple(c.Size, c.Bool)),
});
type Doc = c.Infer<typeof Doc>;

const value: Doc = {
  type: "doc",
  realmId: "r",
  keyIndex: 2 ** 40,
  note: null,
  access: new Uint8Array([1, 2]),
  archiving: { type: "DELETION_PLANNED", deletionDate: 300 },
  sizes: new Map([["a", [1, true]]]),
};

describe("codec", () => {
  it("gives the static type that the declaration reads like", () => {
    expectTypeOf<Doc["note"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Doc["origin"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Doc["type"]>().toEqualTypeOf<"doc">();
    expectTypeOf<c.Infer<typeof Archiving>>().toEqualTypeOf<
      { readonly type: "AVAILABLE" } | { readonly type: "DELETION_PLANNED"; readonly deletionDate: number }
    >();
  });

  it("writes what an independent decoder reads, keys in order", () => {
    const bytes = c.encode(Doc, value);
    const plain = peerDecode(bytes, { useBigInt64: false }) as Record<string, unknown>;
    expect(Object.keys(plain)).toEqual(["type", "realm_id", "key_index", "note", "access", "archiving", "sizes"]);
    expect(plain).toMatchObject({ key_index: 2 ** 40, archiving: { type: "DELETION_PLANNED", deletion_date: 300 } });
    expect(c.decode(Doc, bytes)).toEqual(value);
  });

  it("ignores unknown keys and the order of keys, refuses repeated and missing ones", () => {
    const plain = {
      sizes: {},
      archiving: { deletion_date: 1, x: [{}], type: "DELETION_PLANNED" },
      more: { deep: [1] },
    };
    const rest = { note: "n", key_index: 1, realm_id: "r", type: "doc" };
    expect(c.decode(Doc, peerEncode({ ...plain, ...rest }))).toMatchObject({ note: "n", access: null, keyIndex: 1 });
    expect(() => c.decode(Doc, peerEncode({ ...plain, type: "doc" }))).toThrow("the key realm_id is missing");
    expect(() =>
      c.decode(
        Archiving,
        new Uint8Array([
          0x82,
          ...Array(2)
            .fill([0xa4, 0x74, 0x79, 0x70, 0x65, 0xa9, ...new TextEncoder().encode("AVAILABLE")])
            .flat(),
        ]),
      ),
    ).toThrow("repeated");
  });

  it("names the field that is wrong", () => {
    const bytes = peerEncode({ type: "DELETION_PLANNED", deletion_date: -1 });
    expect(() => c.decode(Archiving, bytes)).toThrow("Cannot decode deletion_date: expected an integer of 0..");
  });

  it("writes unit variants into the same map", () => {
    const Event = c.taggedUnion("event", { PINGED: { ping: c.Str } });
    const Reply = c.taggedUnion("status", { ok: Event, failed: { reason: c.nullable(c.Str) } });
    expectTypeOf<c.Infer<typeof Reply>>().toEqualTypeOf<
      | { readonly status: "ok"; readonly event: "PINGED"; readonly ping: string }
      | { readonly status: "failed"; readonly reason: string | null }
    >();
    const bytes = c.encode(Reply, { status: "ok", event: "PINGED", ping: "x" });
    expect(peerDecode(bytes)).toEqual({ status: "ok", event: "PINGED", ping: "x" });
    expect(c.decode(Reply, bytes)).toEqual({ status: "ok", event: "PINGED", ping: "x" });
  });

  it("refuses depth over the limit without recursion", () => {
    const deep = new Uint8Array(100_000).fill(0x91);
    expect(() => c.decode(c.orderedStruct({}), new Uint8Array([0x81, 0xa1, 0x61, ...deep.subarray(0, 40)]))).toThrow(
      "nested deeper",
    );
    expect(() => new c.Reader(deep).skip()).toThrow("nested deeper");
  });
});

describe("fields that may be missing", () => {
  const Old = c.tagged("type", "old", {
    purpose: c.defaulted("nonRequired", c.Str, "STANDARD"),
    origin: c.defaulted("optional", c.Str, "NONE", (origin) => origin === "NONE"),
    note: c.optional(c.Str),
  });

  it("reads a missing key as the fallback, and leaves out what is declared so", () => {
    expectTypeOf<c.Infer<typeof Old>["origin"]>().toEqualTypeOf<string>();
    const value = c.decode(Old, peerEncode({ type: "old" }));
    expect(value).toEqual({ type: "old", purpose: "STANDARD", origin: "NONE" });
    expect(peerDecode(c.encode(Old, value))).toEqual({ type: "old", purpose: "STANDARD" });
    expect(peerDecode(c.encode(Old, { ...value, origin: "X" }))).toEqual({
      type: "old",
      purpose: "STANDARD",
      origin: "X",
    });
  });

  it("reads a positional form that ends before them", () => {
    expect(c.decode(Old, peerEncode(["old", "A"]))).toEqual({ type: "old", purpose: "A", origin: "NONE" });
    expect(() => c.decode(c.orderedStruct({ a: c.Str, b: c.Str }), peerEncode(["a"]))).toThrow("the key b is missing");
    expect(() => c.decode(Old, peerEncode(["old", "A", "B", "C", "D"]))).toThrow("expected 4 elements, got 5");
  });
});
