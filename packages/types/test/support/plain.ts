import { decode, ExtensionCodec } from "@msgpack/msgpack";
import { equalBytes, toHex, utf8 } from "@parsec/base";
import { DateTime } from "../../src/index.ts";

// The conventions of the vector files, reached by an independent msgpack decoder: bytes as {"$hex"}, instants as
// {"$datetime"}, ids as 32 hex digits.

const extensions = new ExtensionCodec();
extensions.register({
  type: 1,
  encode: () => null,
  decode: (data) => {
    const micros = new DataView(data.buffer, data.byteOffset, 8).getBigInt64(0);
    return { $datetime: isoMicros(Number(micros)) };
  },
});
extensions.register({ type: 2, encode: () => null, decode: (data) => toHex(data) });

/** The content of msgpack bytes. */
export function plain(msgpack: Uint8Array): unknown {
  const decoded = decode(withoutProto(msgpack), { extensionCodec: extensions, mapKeyConverter: (key) => String(key) });
  return withHex(decoded);
}

/** The decoder refuses a map with the key `__proto__`, which is an entry name like any other: `__PROTO__` stands for it. */
function withoutProto(msgpack: Uint8Array): Uint8Array {
  const safe = msgpack.slice();
  const [proto, standIn] = [utf8("__proto__"), utf8("__PROTO__")];
  for (let at = safe.indexOf(proto[0] ?? 0); at >= 0; at = safe.indexOf(proto[0] ?? 0, at + 1)) {
    if (equalBytes(safe.subarray(at, at + proto.length), proto)) safe.set(standIn, at);
  }
  return safe;
}

function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $hex: toHex(value) };
  if (Array.isArray(value)) return value.map(withHex);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key === "__PROTO__" ? "__proto__" : key, withHex(item)]);
  return Object.fromEntries(entries);
}

/** Six digits after the second, always. */
export function isoMicros(micros: number): string {
  const text = DateTime.formatRfc3339(DateTime.fromMicros(micros)).slice(0, -1);
  const [seconds = "", fraction = ""] = text.split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}Z`;
}

/** A value of a vector file, as the functions of this package take it. */
export function parameter(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "$datetime" in value) {
    return DateTime.parseRfc3339(String(value.$datetime));
  }
  return value;
}
