import { toHex } from "@parsec/base";
import {
  SecretKey,
  SequesterPrivateKey,
  SequesterPublicKey,
  SequesterSigningKey,
  SequesterVerifyKey,
  signPkcs1v15Unprefixed,
} from "@parsec/crypto";
import { expect } from "vitest";
import { rsaEngine } from "../../src/sequester/current-engine.ts";
import { type Compute, vectors } from "./crypto-vectors.ts";
import { bytes, type Fields, text } from "./fields.ts";

const inBrowser = "document" in globalThis;

/** The key formats that an entry names. */
function keysNamed(name: string): Fields {
  const vector = vectors.find((other) => other.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector.input;
}

/** Entries that need RSA. */
export const sequesterComputations: Readonly<Record<string, Compute>> = {
  "sequester key formats": (input) => {
    const privateDer = bytes(input, "private_key_pkcs8_der");
    const publicDer = bytes(input, "public_key_spki_der");
    const privateKey = SequesterPrivateKey.fromDer(privateDer);
    const signingKey = SequesterSigningKey.fromPem(text(input, "private_key_pkcs8_pem"));
    const publicKey = SequesterPublicKey.fromDer(publicDer);
    const verifyKey = SequesterVerifyKey.fromPem(text(input, "public_key_spki_pem"));
    for (const key of [privateKey, signingKey]) {
      expect(key.toDer()).toEqual(privateDer);
      expect(key.toPem()).toBe(text(input, "private_key_pkcs8_pem"));
    }
    for (const key of [publicKey, verifyKey]) {
      expect(key.toDer()).toEqual(publicDer);
      expect(key.toPem()).toBe(text(input, "public_key_spki_pem"));
    }
    const equal =
      privateKey.publicKey.equals(publicKey) &&
      signingKey.verifyKey.equals(verifyKey) &&
      SequesterPrivateKey.fromPem(text(input, "private_key_pkcs8_pem")).equals(privateKey);
    return { size_in_bytes: publicKey.sizeInBytes, all_formats_equal: equal };
  },
  "SequesterPublicKeyDer.load / SequesterVerifyKeyDer.load": (input) => {
    const der = bytes(input, "public_key_spki_der");
    expect(() => SequesterVerifyKey.fromDer(der)).toThrow(
      expect.objectContaining({ code: "SEQUESTER_PUBLIC_KEY_DER" }),
    );
    return { key: toHex(SequesterPublicKey.fromDer(der).toDer()) };
  },
  "SequesterVerifyKeyDer.verify": async (input) => {
    const key = SequesterVerifyKey.fromDer(bytes(keysNamed(text(input, "verify_key")), "public_key_spki_der"));
    return { message: toHex(await key.verify(bytes(input, "signed"))) };
  },
  "SequesterPrivateKeyDer.decrypt": async (input) => {
    const key = SequesterPrivateKey.fromDer(bytes(keysNamed(text(input, "private_key")), "private_key_pkcs8_der"));
    const armored = bytes(input, "ciphered");
    const wrapped = armored.subarray(36, 36 + key.sizeInBytes);
    const inner = await rsaEngine().oaepDecrypt(key.toDer(), wrapped);
    if (inner === undefined) throw new Error("the wrapped key does not open");
    expect(SecretKey.fromBytes(inner).decrypt(armored.subarray(36 + key.sizeInBytes))).toEqual(
      await key.decrypt(armored),
    );
    return { cleartext: toHex(await key.decrypt(armored)), inner_secret_key: toHex(inner) };
  },
  "RsaPrivateKey.sign_pkcs1v15_unprefixed": async (input) => {
    const key = SequesterSigningKey.fromPem(text(input, "private_key_pkcs8_pem"));
    const signing = signPkcs1v15Unprefixed(key, bytes(input, "data"));
    if (!inBrowser) return { signature: toHex(await signing) };
    // WebCrypto has no such operation: the browser must say so.
    await expect(signing).rejects.toMatchObject({ code: "SIGNATURE" });
    return {};
  },
};
