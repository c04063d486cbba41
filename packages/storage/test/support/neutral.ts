import { decode, ExtensionCodec } from "@msgpack/msgpack";
import { toHex } from "@parsec/base";
import { type Codec, encode } from "@parsec/types";

// A value of ours in the words of the vectors, by way of its msgpack bytes and a decoder that is not ours.

const extensions = new ExtensionCodec();
extensions.register({ type: 1, encode: () => null, decode: (data) => ({ $datetime_us: `${int64(data)}` }) });
extensions.register({ type: 2, encode: () => null, decode: (data) => ({ $uuid: toHex(data) }) });

function int64(data: Uint8Array): bigint {
  return new DataView(data.buffer, data.byteOffset).getBigInt64(0);
}

export function neutral<T>(codec: Codec<T>, value: T): unknown {
  return plain(decode(encode(codec, value), { extensionCodec: extensions }));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: toHex(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Lists of confinement points are sets: their order means nothing. */
export function sortedSets(manifest: unknown): unknown {
  if (typeof manifest !== "object" || manifest === null) return manifest;
  const entries = Object.entries(manifest).map(([key, value]) => {
    const isSet = key.endsWith("_confinement_points") && Array.isArray(value);
    return [key, isSet ? value.map((id) => JSON.stringify(id)).sort() : value];
  });
  return Object.fromEntries(entries);
}
