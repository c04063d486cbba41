import { ExtensionCodec, decode as peerDecode, encode as peerEncode } from "@msgpack/msgpack";
import { fromHex } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { decode, encode } from "@parsec/types";
import { beforeAll, describe, it } from "vitest";
import { documentCodec } from "../packages/types/test/support/documents.ts";
import file from "../test/vectors/data.json" with { type: "json" };
import { compare } from "./compare.ts";

beforeAll(() => ready({ backend: "wasm" }));

const extensionCodec = new ExtensionCodec();
for (const type of [1, 2]) {
  class Extension {
    readonly data: Uint8Array;
    constructor(data: Uint8Array) {
      this.data = data;
    }
  }
  extensionCodec.register({
    type,
    encode: (value) => (value instanceof Extension ? value.data : null),
    decode: (data) => new Extension(Uint8Array.from(data)),
  });
}

/** One real example of each document: the first of the vectors that decodes. */
const examples = new Map(
  file.vectors
    .filter((vector) => "expected" in vector && "msgpack" in vector && !("encoding" in vector))
    .map((vector) => [vector.type, fromHex("msgpack" in vector ? String(vector.msgpack) : "") ?? new Uint8Array()]),
);

const options = { extensionCodec, mapKeyConverter: (key: unknown) => String(key) };

describe.each([...examples])("%s", (type, bytes) => {
  const codec = documentCodec(type);

  it("decodes", async () => {
    const raw = () => peerDecode(bytes, options);
    await compare({ name: `decode ${type}`, raw, ours: () => decode(codec, bytes) });
  });

  it("encodes", async () => {
    const value = decode(codec, bytes);
    const plain = peerDecode(bytes, options);
    const raw = () => peerEncode(plain, { extensionCodec });
    await compare({ name: `encode ${type}`, raw, ours: () => encode(codec, value) });
  });
});

/**
 * Full validation against none: plain @msgpack/msgpack, that gives whatever the bytes hold. The bar is on all documents
 * together: the few that hold an RSA key or a URL take longer, since these are parsed.
 */
it("decodes one of each within 1.3 times", async () => {
  const all = [...examples].map(([type, bytes]) => ({ codec: documentCodec(type), bytes }));
  await compare({
    name: "decode one of each document",
    raw: () => all.map(({ bytes }) => peerDecode(bytes, options)),
    ours: () => all.map(({ codec, bytes }) => decode(codec, bytes)),
    bar: 1 / 1.3,
  });
});
