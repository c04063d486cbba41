import {
  HashDigest,
  KeyDerivation,
  PrivateKey,
  PublicKey,
  SecretKey,
  SequesterPublicKey,
  SequesterVerifyKey,
  ShamirShare,
  SigningKey,
  VerifyKey,
} from "@parsec/crypto";
import { type Codec, scalar } from "./codec/index.ts";
import { decodeWith } from "./text-kind.ts";

/** The codec of a class of `@parsec/crypto`, `bin` on the wire. */
function opaqueBytes<T extends { toBytes(): Uint8Array }>(name: string, fromBytes: (bytes: Uint8Array) => T): Codec<T> {
  return scalar<T>(
    name,
    (writer, value) => writer.bin(value.toBytes()),
    (reader) => {
      const bytes = reader.bin();
      return decodeWith(name, () => fromBytes(bytes));
    },
  );
}

// Keys and digests: 32 bytes. RSA keys: DER, checked on load. Shares: at least 2 bytes (spec 02 §7.2).
export const SecretKeyCodec = /* @__PURE__ */ opaqueBytes("SecretKey", SecretKey.fromBytes);
export const KeyDerivationCodec = /* @__PURE__ */ opaqueBytes("KeyDerivation", KeyDerivation.fromBytes);
export const PrivateKeyCodec = /* @__PURE__ */ opaqueBytes("PrivateKey", PrivateKey.fromBytes);
export const PublicKeyCodec = /* @__PURE__ */ opaqueBytes("PublicKey", PublicKey.fromBytes);
export const SigningKeyCodec = /* @__PURE__ */ opaqueBytes("SigningKey", SigningKey.fromBytes);
export const VerifyKeyCodec = /* @__PURE__ */ opaqueBytes("VerifyKey", VerifyKey.fromBytes);
export const HashDigestCodec = /* @__PURE__ */ opaqueBytes("HashDigest", HashDigest.fromBytes);
export const SequesterPublicKeyDerCodec = /* @__PURE__ */ opaqueBytes(
  "SequesterPublicKeyDer",
  SequesterPublicKey.fromDer,
);
export const SequesterVerifyKeyDerCodec = /* @__PURE__ */ opaqueBytes(
  "SequesterVerifyKeyDer",
  SequesterVerifyKey.fromDer,
);
export const ShamirShareCodec = /* @__PURE__ */ opaqueBytes("ShamirShare", ShamirShare.fromBytes);
