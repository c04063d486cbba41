import { equalBytes, InvalidArgumentError, requireArgument } from "@parsec/base";
import { KeyDestroyedError } from "../errors.ts";

const inspect = Symbol.for("nodejs.util.inspect.custom");

let read: (value: OpaqueBytes) => Uint8Array<ArrayBuffer>;
let isKey: (value: unknown) => boolean;

/**
 * Bytes that never print: what all keys are made of (spec 01 §13).
 *
 * `console.log`, `JSON.stringify`, string conversion and `util.inspect` show the type and nothing else, and
 * `structuredClone` copies nothing. What cannot be prevented: a debugger of a browser shows private fields, and the
 * engine may have moved the bytes in memory before `destroy()` wipes them.
 */
export abstract class OpaqueBytes {
  readonly #typeName: string;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  static {
    read = (value) => {
      if (!isKey(value)) throw new InvalidArgumentError("key", "a key of this copy of @parsec/crypto", value);
      return value.#live();
    };
    isKey = (value) => typeof value === "object" && value !== null && #bytes in value;
  }

  /** Takes ownership of `bytes`: the caller hands over an array that nobody else holds. */
  protected constructor(typeName: string, bytes: Uint8Array<ArrayBuffer>) {
    this.#typeName = typeName;
    this.#bytes = bytes;
  }

  #live(): Uint8Array<ArrayBuffer> {
    if (this.#bytes === undefined) throw new KeyDestroyedError(this.#typeName);
    return this.#bytes;
  }

  /**
   * A copy of the bytes, the caller's to wipe.
   * @throws KeyDestroyedError
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#live().slice();
  }

  /**
   * Same type and same bytes; compared in a time that does not depend on the bytes.
   * @throws KeyDestroyedError when either was destroyed
   */
  equals(other: OpaqueBytes): boolean {
    requireArgument("other", other, "a key of this copy of @parsec/crypto", isKey(other));
    return this.#typeName === other.#typeName && equalBytes(this.#live(), other.#live());
  }

  /** Wipes the bytes. Any later use throws {@link KeyDestroyedError}; destroying twice is harmless. */
  destroy(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return `${this.#typeName}(****)`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect](): string {
    return this.toString();
  }
}

/** The bytes themselves, for use within this package only: not a copy, never to be kept or changed. */
export function bytesOf(value: OpaqueBytes): Uint8Array<ArrayBuffer> {
  return read(value);
}
