import { expect } from "vitest";
import { BadSerializationError, DataIntegrityError, UnexpectedValueError } from "../../src/index.ts";
import { isoMicros } from "./plain.ts";

const codes: Readonly<Record<string, string>> = {
  DECRYPTION: "Decryption",
  SIGNATURE: "Signature",
  BAD_SERIALIZATION: "BadSerialization",
  DATA_INTEGRITY: "DataIntegrity",
  UNEXPECTED_AUTHOR: "UnexpectedAuthor",
  UNEXPECTED_TIMESTAMP: "UnexpectedTimestamp",
  UNEXPECTED_ID: "UnexpectedId",
  UNEXPECTED_VERSION: "UnexpectedVersion",
  UNEXPECTED_REALM_ID: "UnexpectedRealmID",
  UNEXPECTED_USER_ID: "UnexpectedUserID",
  UNEXPECTED_DEVICE_ID: "UnexpectedDeviceID",
};

/** An error of ours in the words of the vector files. Anything else is thrown on. */
export function errorInVectorWords(error: unknown): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? codes[String(error.code)] : undefined;
  if (code === undefined) throw error;
  if (error instanceof BadSerializationError) return { code, format: error.format, step: error.step };
  if (error instanceof DataIntegrityError) {
    return { code, data_type: camelCase(error.dataType), invariant: error.invariant };
  }
  if (error instanceof UnexpectedValueError) {
    return { code, expected: value(error, error.expected), got: value(error, error.got) };
  }
  return { code };
}

function value(error: UnexpectedValueError, got: unknown): unknown {
  return error.code === "UNEXPECTED_TIMESTAMP" ? { $datetime: isoMicros(Number(got)) } : got;
}

function camelCase(type: string): string {
  return type.replace(/(^|_)([a-z])/g, (_, _start, letter: string) => letter.toUpperCase());
}

/** What an error of ours must look like: its code, and some of its fields. */
export function error(code: string, fields: Readonly<Record<string, unknown>> = {}): unknown {
  return expect.objectContaining({ code, ...fields });
}
