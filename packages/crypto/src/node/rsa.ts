import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt,
  sign,
  verify,
} from "node:crypto";
import { promisify } from "node:util";
import type { RsaEngine } from "../sequester/rsa-engine.ts";

const { RSA_PKCS1_OAEP_PADDING, RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO } = constants;

const generate = /* @__PURE__ */ promisify(generateKeyPair);
const signInThread = /* @__PURE__ */ promisify(sign);
const verifyInThread = /* @__PURE__ */ promisify(verify);

/** OpenSSL through node:crypto. */
export const rsaEngine: RsaEngine = {
  name: "node:crypto",

  async generate(bits) {
    const { privateKey } = await generate("rsa", {
      modulusLength: bits,
      publicKeyEncoding: { type: "spki", format: "der" },
      privateKeyEncoding: { type: "pkcs8", format: "der" },
    });
    return new Uint8Array(privateKey);
  },

  async oaepEncrypt(spki, data, label) {
    const key = { ...publicKey(spki), ...oaep(label) };
    return new Uint8Array(publicEncrypt(key, data));
  },

  async oaepDecrypt(pkcs8, data, label) {
    const key = { ...privateKey(pkcs8), ...oaep(label) };
    try {
      return new Uint8Array(privateDecrypt(key, data));
    } catch {
      // The key was imported: what remains is a ciphertext that is not of this key.
      return undefined;
    }
  },

  async pssSign(pkcs8, data, saltLength) {
    const key = { ...privateKey(pkcs8), padding: RSA_PKCS1_PSS_PADDING, saltLength };
    return new Uint8Array(await signInThread("sha256", data, key));
  },

  async pssVerify(spki, signature, data) {
    const key = { ...publicKey(spki), padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_AUTO };
    return verifyInThread("sha256", data, key, signature);
  },
};

/** PKCS#1 v1.5 type 1 padding around `data` itself, without DigestInfo. Throws when it does not fit. */
export async function signPkcs1v15Unprefixed(pkcs8: Uint8Array, data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(privateEncrypt({ ...privateKey(pkcs8), padding: RSA_PKCS1_PADDING }, data));
}

function publicKey(spki: Uint8Array) {
  return { key: createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }) };
}

function privateKey(pkcs8: Uint8Array) {
  return { key: createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }) };
}

function oaep(oaepLabel: Uint8Array | undefined) {
  const scheme = { padding: RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  return oaepLabel === undefined ? scheme : { ...scheme, oaepLabel };
}
