import { Bytes, type Infer, named, refined, taggedUnion, U32 } from "./codec/index.ts";

const saltSize = 16;
const Salt = /* @__PURE__ */ refined(Bytes, `a salt has ${saltSize} bytes`, (salt) => salt.length === saltSize);
const parameters = { memlimitKb: U32, opslimit: U32, parallelism: U32 };

/**
 * Argon2id parameters of a device file, whose salt stands beside them (spec 01 §8). Decoding only checks their form:
 * the key derivation checks the bounds.
 */
export const TrustedPasswordAlgorithm = /* @__PURE__ */ named(
  "TrustedPasswordAlgorithm",
  /* @__PURE__ */ taggedUnion("type", { ARGON2ID: { ...parameters, salt: Salt } }),
);
export type TrustedPasswordAlgorithm = Infer<typeof TrustedPasswordAlgorithm>;

/** Argon2id parameters that a server gave: to be validated before any use (spec 01 §8). */
export const UntrustedPasswordAlgorithm = /* @__PURE__ */ named(
  "UntrustedPasswordAlgorithm",
  /* @__PURE__ */ taggedUnion("type", { ARGON2ID: parameters }),
);
export type UntrustedPasswordAlgorithm = Infer<typeof UntrustedPasswordAlgorithm>;
