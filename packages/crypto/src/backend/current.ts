import { CryptoNotReadyError } from "../errors.ts";
import type { CryptoBackend } from "./port.ts";

/** The only global of this package: which driver every key object uses. */
let current: CryptoBackend | undefined;

/** @throws CryptoNotReadyError before `ready()` resolved. */
export function backend(): CryptoBackend {
  if (current === undefined) throw new CryptoNotReadyError();
  return current;
}

export function setBackend(next: CryptoBackend | undefined): void {
  current = next;
}

export function loadedBackend(): CryptoBackend | undefined {
  return current;
}
