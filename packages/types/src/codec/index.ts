export { decode, encode } from "./bytes.ts";
export type { Codec, Infer, MapCodec, Simplify } from "./codec.ts";
export { list, map, nullable, set, tuple } from "./collections.ts";
export { DecodeError } from "./error.ts";
export { maxNesting, Reader, type WireKind } from "./reader.ts";
export {
  Bool,
  Bytes,
  Float,
  Index,
  Integer,
  integer,
  literals,
  NonZeroInteger,
  NonZeroU8,
  named,
  parsed,
  refined,
  Size,
  Str,
  scalar,
  U32,
  Version,
} from "./scalars.ts";
export type { FieldSchema, Presence, Schema, VariantSchema } from "./schema.ts";
export {
  defaulted,
  type Field,
  type Fields,
  nonRequired,
  optional,
  orderedStruct,
  type StructOf,
  struct,
  wireName,
} from "./struct.ts";
export { oneOf, type TaggedCodec, tagged } from "./tagged.ts";
export { taggedUnion, type UnionCodec, type UnionOf, type Variant } from "./union.ts";
export { Writer } from "./writer.ts";
