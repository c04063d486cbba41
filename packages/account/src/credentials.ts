import type { KeyDerivation } from "@parsec/crypto";
import type { EmailAddress } from "@parsec/types";

// A password given as a string cannot be wiped from memory; one given as bytes can, by the caller.

/** With what one will log in: chosen when an account is created or recovered, or its password changed (spec 07 §7). */
export type NewCredentials =
  | { readonly password: string | Uint8Array }
  /** 32 random bytes instead of a password: nothing to guess, for machines that keep it safe. */
  | { readonly masterSecret: KeyDerivation };

/** With what one logs in. The e-mail address is as it was at the creation, case included. */
export type Credentials =
  | { readonly email: EmailAddress; readonly password: string | Uint8Array }
  | { readonly masterSecret: KeyDerivation };
