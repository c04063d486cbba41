import { requireBytes } from "@parsec/base";
import { signatureSize } from "../backend/port.ts";
import { SignatureError } from "../errors.ts";

/** The two parts of signed data, before any verification. */
export interface SignedParts {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
}

/**
 * Cuts signature ‖ message without verifying anything (`unsecure_unwrap` of spec 01 §6). The parts are views.
 * @throws SignatureError when shorter than a signature
 */
export function splitSigned(signed: Uint8Array): SignedParts {
  requireBytes("signed", signed);
  if (signed.length < signatureSize) throw new SignatureError();
  return { signature: signed.subarray(0, signatureSize), message: signed.subarray(signatureSize) };
}
