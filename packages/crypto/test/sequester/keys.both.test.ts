import { equalBytes, randomBytes, utf8 } from "@parsec/base";
import {
  ready,
  SequesterPrivateKey,
  SequesterPublicKey,
  SequesterSigningKey,
  signPkcs1v15Unprefixed,
} from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { rsaEngine } from "../../src/sequester/current-engine.ts";
import { maxSaltLength, pssSaltLength } from "../../src/sequester/pss-salt.ts";
import { parseSpki } from "../../src/sequester/rsa-key.ts";

beforeAll(() => ready());

const digest = async (data: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

describe.each([1024, 2048] as const)("an RSA key of %i bits", (bits) => {
  test("encrypts for its service only", async () => {
    const key = await SequesterPrivateKey.generate(bits);
    expect(key.sizeInBytes).toBe(bits / 8);
    const message = randomBytes(1000);
    const armored = await key.publicKey.encrypt(message);
    expect(armored.length).toBe(35 + 1 + bits / 8 + 40 + message.length);
    expect(new TextDecoder().decode(armored.subarray(0, 36))).toBe("RSAES-OAEP-SHA256-XSALSA20-POLY1305:");
    expect(equalBytes(await key.decrypt(armored), message)).toBe(true);
    await expect((await SequesterPrivateKey.generate(bits)).decrypt(armored)).rejects.toMatchObject({
      code: "DECRYPTION",
    });
    for (const at of [36, 36 + bits / 8 - 1, 36 + bits / 8, armored.length - 1]) {
      await expect(key.decrypt(changed(armored, at))).rejects.toMatchObject({ code: "DECRYPTION" });
    }
    await expect(key.decrypt(armored.subarray(0, 36 + bits / 8 + 23))).rejects.toMatchObject({ code: "NONCE" });
    await expect(key.decrypt(armored.subarray(0, 36 + bits / 8 - 1))).rejects.toMatchObject({ code: "DATA_SIZE" });
  });

  test("signs with the longest salt, and verifies", async () => {
    const key = await SequesterSigningKey.generate(bits);
    const message = utf8("a message: with a colon");
    const armored = await key.sign(message);
    expect(new TextDecoder().decode(armored.subarray(0, 18))).toBe("RSASSA-PSS-SHA256:");
    expect(await key.verifyKey.verify(armored)).toEqual(message);
    const numbers = parseSpki(key.verifyKey.toDer());
    const signature = armored.subarray(18, 18 + bits / 8);
    expect(maxSaltLength(numbers.modulus)).toBe(bits / 8 - 34);
    expect(await pssSaltLength(numbers, signature, digest)).toBe(bits / 8 - 34);
    const other = (await SequesterSigningKey.generate(bits)).verifyKey;
    await expect(other.verify(armored)).rejects.toMatchObject({ code: "SIGNATURE_VERIFICATION" });
    for (const at of [18, 18 + bits / 8 - 1, armored.length - 1]) {
      await expect(key.verifyKey.verify(changed(armored, at))).rejects.toMatchObject({
        code: "SIGNATURE_VERIFICATION",
      });
    }
    await expect(key.verifyKey.verify(await key.sign(message).then((a) => a.subarray(1)))).rejects.toMatchObject({
      code: "ALGORITHM",
      algorithm: "SASSA-PSS-SHA256",
    });
  });

  test("goes through DER and PEM unchanged", async () => {
    const key = await SequesterPrivateKey.generate(bits);
    expect(SequesterPrivateKey.fromPem(key.toPem()).equals(key)).toBe(true);
    expect(SequesterPrivateKey.fromPem(key.toPem().replaceAll("\n", "\r\n")).equals(key)).toBe(true);
    const { publicKey } = key;
    expect(SequesterPublicKey.fromDer(publicKey.toDer()).equals(publicKey)).toBe(true);
    expect(SequesterPublicKey.fromPem(publicKey.toPem()).equals(publicKey)).toBe(true);
    expect(() => SequesterPublicKey.fromPem(key.toPem())).toThrow(
      expect.objectContaining({ code: "SEQUESTER_PUBLIC_KEY_DER" }),
    );
    expect(() => SequesterSigningKey.fromPem(publicKey.toPem())).toThrow(
      expect.objectContaining({ code: "RSA_PRIVATE_KEY_DER" }),
    );
    expect(`${String(key)} ${String(publicKey)} ${JSON.stringify(key)}`).toBe(
      'SequesterPrivateKey(****) SequesterPublicKey(****) "SequesterPrivateKey(****)"',
    );
  });
});

test("a wrapped key of another size than 32 bytes is refused", async () => {
  const key = await SequesterPrivateKey.generate(1024);
  const wrapped = await rsaEngine().oaepEncrypt(key.publicKey.toDer(), new Uint8Array(16));
  const armored = new Uint8Array([...utf8("RSAES-OAEP-SHA256-XSALSA20-POLY1305:"), ...wrapped, ...new Uint8Array(40)]);
  await expect(key.decrypt(armored)).rejects.toMatchObject({ code: "KEY_SIZE", expected: 32, got: 16 });
});

test("a destroyed private key does nothing", async () => {
  const key = await SequesterSigningKey.generate(1024);
  const { verifyKey } = key;
  key.destroy();
  await expect(key.sign(utf8("x"))).rejects.toMatchObject({ code: "KEY_DESTROYED" });
  await expect(signPkcs1v15Unprefixed(key, utf8("x"))).rejects.toMatchObject({ code: "KEY_DESTROYED" });
  expect(() => key.toPem()).toThrow(expect.objectContaining({ code: "KEY_DESTROYED" }));
  expect(verifyKey.sizeInBytes).toBe(128);
});

test("data that does not fit a raw signature is refused", async () => {
  const key = await SequesterSigningKey.generate(1024);
  await expect(signPkcs1v15Unprefixed(key, new Uint8Array(118))).rejects.toMatchObject({ code: "SIGNATURE" });
});

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
