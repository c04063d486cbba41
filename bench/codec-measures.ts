import { ExtensionCodec, decode as peerDecode, encode as peerEncode } from "@msgpack/msgpack";
import { fromHex } from "@parsec/base";
import { decode, encode } from "@parsec/types";
import { documentCodec } from "../packages/types/test/support/documents.ts";
import file from "../test/vectors/data.json" with { type: "json" };
import type { Comparison } from "./compare.ts";

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
    decode: (data) => new Extension(data.slice()),
  });
}
const options = { extensionCodec, mapKeyConverter: (key: unknown) => String(key) };

/** One real example of each document: the first of the vectors that decodes. */
const examples = new Map(
  file.vectors
    .filter((vector) => "expected" in vector && "msgpack" in vector && !("encoding" in vector))
    .map((vector): [string, Uint8Array] => [
      vector.type,
      fromHex("msgpack" in vector ? String(vector.msgpack) : "") ?? new Uint8Array(),
    ])
    .reverse(),
);

/** Each document against plain @msgpack/msgpack, that gives whatever the bytes hold. */
export function documentMeasures(): Comparison[] {
  return [...examples].flatMap(([type, bytes]): Comparison[] => {
    const codec = documentCodec(type);
    const value = decode(codec, bytes);
    const plain = peerDecode(bytes, options);
    return [
      { name: `decode ${type}`, raw: () => peerDecode(bytes, options), ours: () => decode(codec, bytes) },
      { name: `encode ${type}`, raw: () => peerEncode(plain, { extensionCodec }), ours: () => encode(codec, value) },
    ];
  });
}

/** Documents that stay on the device: they are no messages. */
const localTypes = /^local_|_local_|^(account_vault|keyring|openbao|password|pki|recovery)$/;

/** One of each document that travels, decoded with full validation. */
export function decodingMeasure(): Comparison {
  const all = [...examples]
    .filter(([type]) => !localTypes.test(type))
    .map(([type, bytes]) => ({ codec: documentCodec(type), bytes }));
  return {
    name: "decode one of each document that travels",
    raw: () => all.map(({ bytes }) => peerDecode(bytes, options)),
    ours: () => all.map(({ codec, bytes }) => decode(codec, bytes)),
    bar: 1 / 1.3,
  };
}
