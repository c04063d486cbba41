import type { Reader } from "./reader.ts";
import type { Schema } from "./schema.ts";
import type { Writer } from "./writer.ts";

/**
 * One type of the wire: how to write it, how to read it, and what it is called.
 *
 * Big codecs are composed from small ones, so that a declaration reads like the schema and is the only declaration of
 * the static type (see {@link Infer}). Methods, not function properties: a `Codec<VlobId>` is then a `Codec<unknown>`.
 */
export interface Codec<T> {
  readonly schema: Schema;
  encode(writer: Writer, value: T): void;
  /** @throws DecodeError when the bytes at the reader's position are not of this type. */
  decode(reader: Reader): T;
}

/** A codec whose wire form is a map with known keys, so that more keys can be put in the same map (`unit` replies). */
export interface MapCodec<T> extends Codec<T> {
  /** How many entries `encodeEntries` writes. */
  countEntries(value: T): number;
  encodeEntries(writer: Writer, value: T): void;
}

/** The static type of a codec. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Flattens an intersection, so that editors show one plain object type. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};
