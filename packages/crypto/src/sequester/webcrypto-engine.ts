import { pssSaltLength } from "./pss-salt.ts";
import type { RsaEngine } from "./rsa-engine.ts";
import { parseSpki } from "./rsa-key.ts";

/** An engine over any implementation of WebCrypto: a browser's, Node's, or `@peculiar/webcrypto`. */
export function webCryptoRsaEngine(subtle: SubtleCrypto, name = "webcrypto"): RsaEngine {
  const importKey = (
    format: "spki" | "pkcs8",
    der: Uint8Array,
    algorithm: "RSA-OAEP" | "RSA-PSS",
    usage: "encrypt" | "decrypt" | "sign" | "verify",
  ) => subtle.importKey(format, new Uint8Array(der), { name: algorithm, hash: "SHA-256" }, false, [usage]);

  return {
    name,

    async generate(bits) {
      const algorithm = {
        name: "RSA-OAEP",
        hash: "SHA-256",
        modulusLength: bits,
        publicExponent: Uint8Array.of(1, 0, 1),
      };
      const { privateKey } = await subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
      return new Uint8Array(await subtle.exportKey("pkcs8", privateKey));
    },

    async oaepEncrypt(spki, data, label) {
      const key = await importKey("spki", spki, "RSA-OAEP", "encrypt");
      return new Uint8Array(await subtle.encrypt(oaep(label), key, new Uint8Array(data)));
    },

    async oaepDecrypt(pkcs8, data, label) {
      const key = await importKey("pkcs8", pkcs8, "RSA-OAEP", "decrypt");
      try {
        return new Uint8Array(await subtle.decrypt(oaep(label), key, new Uint8Array(data)));
      } catch {
        // The key was imported: what remains is a ciphertext that is not of this key.
        return undefined;
      }
    },

    async pssSign(pkcs8, data, saltLength) {
      const key = await importKey("pkcs8", pkcs8, "RSA-PSS", "sign");
      return new Uint8Array(await subtle.sign({ name: "RSA-PSS", saltLength }, key, new Uint8Array(data)));
    },

    async pssVerify(spki, signature, data) {
      const digest = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await subtle.digest("SHA-256", bytes));
      const saltLength = await pssSaltLength(parseSpki(spki), signature, digest);
      if (saltLength === undefined) return false;
      const key = await importKey("spki", spki, "RSA-PSS", "verify");
      const algorithm = { name: "RSA-PSS", saltLength };
      return subtle.verify(algorithm, key, new Uint8Array(signature), new Uint8Array(data));
    },
  };
}

function oaep(label: Uint8Array | undefined): RsaOaepParams {
  return label === undefined ? { name: "RSA-OAEP" } : { name: "RSA-OAEP", label: new Uint8Array(label) };
}
