import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import type { DecryptionError, SignatureError } from "@parsec/crypto";
import type { HumanHandle } from "./human-handle.ts";
import type { DeviceId, UserId, VlobId } from "./ids.ts";
import type { DateTime } from "./time.ts";

/** Where the decoding of a document stopped (spec 02 §4). */
export type SerializationStep = "format detection" | "zstd" | "msgpack+validation";

/** The bytes do not hold a document of the expected type. */
export class BadSerializationError extends ParsecError<"BAD_SERIALIZATION"> {
  override readonly name: string = "BadSerializationError";
  /** The container's version, `null` when it could not be told or there is no container. */
  readonly format: 0 | null;
  readonly step: SerializationStep;

  constructor(format: 0 | null, step: SerializationStep, options: ParsecErrorOptions = {}) {
    const reason = options.cause instanceof Error ? `: ${options.cause.message}` : "";
    super("BAD_SERIALIZATION", `The data is corrupted or of another type (it failed at ${step})${reason}`, options);
    this.format = format;
    this.step = step;
  }
}

/** The document is well formed and breaks a rule of its type. The writer made it so. */
export class DataIntegrityError extends ParsecError<"DATA_INTEGRITY"> {
  override readonly name: string = "DataIntegrityError";
  /** The `type` of the document, or the name of the value inside it. */
  readonly dataType: string;
  /** The rule, in the words of spec 04. */
  readonly invariant: string;

  constructor(dataType: string, invariant: string) {
    super("DATA_INTEGRITY", `The ${dataType} breaks the rule: ${invariant}`);
    this.dataType = dataType;
    this.invariant = invariant;
  }
}

/** What each code of {@link UnexpectedValueError} compares. An author of `null` is the organization's root key. */
export interface UnexpectedValues {
  UNEXPECTED_AUTHOR: DeviceId | null;
  UNEXPECTED_TIMESTAMP: DateTime;
  UNEXPECTED_ID: VlobId;
  UNEXPECTED_VERSION: number;
  UNEXPECTED_REALM_ID: VlobId;
  UNEXPECTED_USER_ID: UserId;
  UNEXPECTED_DEVICE_ID: DeviceId;
  UNEXPECTED_HUMAN_HANDLE: HumanHandle;
}

/** The document is genuine and is not the one that was asked for: a server may have answered with another. */
export class UnexpectedValueError<
  Code extends keyof UnexpectedValues = keyof UnexpectedValues,
> extends ParsecError<Code> {
  override readonly name: string = "UnexpectedValueError";
  readonly expected: UnexpectedValues[Code];
  readonly got: UnexpectedValues[Code];

  constructor(code: Code, expected: UnexpectedValues[Code], got: UnexpectedValues[Code]) {
    const what = code.replace("UNEXPECTED_", "").toLowerCase().replaceAll("_", " ");
    super(code, `The signed data is genuine but has another ${what} than expected`);
    this.expected = expected;
    this.got = got;
  }
}

type AnyUnexpectedValueError = { [Code in keyof UnexpectedValues]: UnexpectedValueError<Code> }[keyof UnexpectedValues];

/** Every error of the loaders of this package (spec 02 §5). Keys add theirs: `CRYPTO_NOT_READY` and `KEY_DESTROYED`. */
export type DataError =
  | BadSerializationError
  | DataIntegrityError
  | DecryptionError
  | SignatureError
  | AnyUnexpectedValueError;
