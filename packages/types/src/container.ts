import { concatBytes } from "@parsec/base";
import { type Codec, DecodeError, decode, encode } from "./codec/index.ts";
import { BadSerializationError } from "./data-error.ts";
import { compressRaw, decompress, ZstdError } from "./zstd/index.ts";

/** Largest decompressed size, in bytes, of a document that comes from the network. */
export const wireSizeLimit = 16 * 1024 * 1024;
/** Largest decompressed size, in bytes, of a document of the local storage. */
export const localSizeLimit = 64 * 1024 * 1024;

/** The version byte of the only container there is. */
const version = 0x00;

export interface LoadOptions {
  /** Largest decompressed size in bytes; by default {@link wireSizeLimit}, and what so many bytes may hold at most. */
  readonly sizeLimit?: number;
}

/**
 * What a document from the network may decompress to, in proportion to its bytes. Most of a real one is ids, digests and
 * keys, which do not get smaller: even a folder of the longest names, all alike, stays below a fifth of this.
 */
function expandedLimit(size: number): number {
  return Math.min(wireSizeLimit, 256 * 1024 + 64 * size);
}

/**
 * `0x00 ‖ zstd(msgpack)`, the container of all documents but the device files (spec 02 §4).
 * @throws DataIntegrityError when `value` breaks a rule of its type
 */
export function dump<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  return concatBytes(Uint8Array.of(version), compressRaw(encode(codec, value)));
}

/**
 * The document in a container (spec 02 §4).
 * @throws BadSerializationError
 * @throws DataIntegrityError
 */
export function load<T>(codec: Codec<T>, bytes: Uint8Array, options: LoadOptions = {}): T {
  if (bytes[0] !== version) throw new BadSerializationError(null, "format detection");
  const msgpack = decompressContent(bytes.subarray(1), options.sizeLimit ?? expandedLimit(bytes.length));
  return decodeDocument(codec, msgpack, 0);
}

/**
 * Plain msgpack, for the documents without container: local device and device files (spec 02 §4).
 * @throws BadSerializationError
 */
export function loadPlain<T>(codec: Codec<T>, msgpack: Uint8Array): T {
  return decodeDocument(codec, msgpack, null);
}

function decompressContent(frames: Uint8Array, limit: number): Uint8Array {
  try {
    return decompress(frames, limit);
  } catch (cause) {
    if (cause instanceof ZstdError) throw new BadSerializationError(0, "zstd", { cause });
    throw cause;
  }
}

function decodeDocument<T>(codec: Codec<T>, msgpack: Uint8Array, format: 0 | null): T {
  try {
    return decode(codec, msgpack);
  } catch (cause) {
    if (cause instanceof DecodeError) throw new BadSerializationError(format, "msgpack+validation", { cause });
    throw cause;
  }
}
