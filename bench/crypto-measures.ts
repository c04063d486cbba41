import { randomBytes } from "@parsec/base";
import {
  HashDigest,
  KeyDerivation,
  newPasswordAlgorithm,
  openBlock,
  passwordToSecretKey,
  SecretKey,
  SigningKey,
  sealBlock,
  sha256,
} from "@parsec/crypto";
import { test } from "vitest";
import { compare } from "./compare.ts";

/** The library below ours, called in the plainest way that does the same job. */
export interface RawCrypto {
  seal(data: Uint8Array, key: Uint8Array): Uint8Array;
  open(sealed: Uint8Array, key: Uint8Array): Uint8Array;
  sign(data: Uint8Array, secretKey: Uint8Array): Uint8Array;
  verify(signature: Uint8Array, data: Uint8Array, verifyKey: Uint8Array): boolean;
  signKey(seed: Uint8Array): Uint8Array;
  sha256(data: Uint8Array<ArrayBuffer>): unknown;
  argon2id(password: string, salt: Uint8Array, opslimit: number, memlimit: number): unknown;
}

const bar = 0.95;
const kib = 1024;

export function measureCrypto(label: string, raw: RawCrypto): void {
  const named = (name: string) => `${label}: ${name}`;

  test.each([kib, 512 * kib])(`${label}: secret box of %i bytes`, async (bytes) => {
    const key = SecretKey.generate();
    const rawKey = key.toBytes();
    const data = randomBytes(bytes);
    const sealed = key.encrypt(data);
    const size = `${bytes / kib} KiB`;
    // The bar is for blocks; below a few kilobytes a call costs more than its work.
    const barHere = bytes === kib ? {} : { bar };
    await compare({
      name: named(`seal ${size}`),
      raw: () => raw.seal(data, rawKey),
      ours: () => key.encrypt(data),
      bytes,
      ...barHere,
    });
    await compare({
      name: named(`open ${size}`),
      raw: () => raw.open(sealed, rawKey),
      ours: () => key.decrypt(sealed),
      bytes,
      ...barHere,
    });
  });

  test(`${label}: blocks of 512 KiB, four in flight`, async () => {
    const key = SecretKey.generate();
    const rawKey = key.toBytes();
    const bytes = 512 * kib;
    const blocks = Array.from({ length: 4 }, () => randomBytes(bytes));
    const sealed = blocks.map((block) => key.encrypt(block));
    await compare({
      name: named("sealBlock, 4 in flight"),
      raw: () => blocks.map((block) => raw.seal(block, rawKey)),
      ours: () => Promise.all(blocks.map((block) => sealBlock(key, block))),
      bytes: 4 * bytes,
    });
    await compare({
      name: named("openBlock, 4 in flight"),
      raw: () => sealed.map((block) => raw.open(block, rawKey)),
      ours: () => Promise.all(sealed.map((block) => openBlock(key, block))),
      bytes: 4 * bytes,
    });
  });

  test(`${label}: signatures over 1 KiB`, async () => {
    const key = SigningKey.generate();
    const secretKey = raw.signKey(key.toBytes());
    const data = randomBytes(kib);
    const signature = key.signDetached(data);
    const { verifyKey } = key;
    const rawVerifyKey = verifyKey.toBytes();
    await compare({
      name: named("sign 1 KiB"),
      raw: () => raw.sign(data, secretKey),
      ours: () => key.signDetached(data),
      bar: 0.9,
    });
    await compare({
      name: named("verify 1 KiB"),
      raw: () => raw.verify(signature, data, rawVerifyKey),
      ours: () => verifyKey.verifyDetached(signature, data),
      bar: 0.9,
    });
  });

  test(`${label}: hash, key derivation`, async () => {
    const data = randomBytes(512 * kib);
    const bytes = data.length;
    await compare({ name: named("sha256 512 KiB"), raw: () => raw.sha256(data), ours: () => sha256(data), bytes });
    await compare({
      name: named("HashDigest.of 512 KiB"),
      raw: () => raw.sha256(data),
      ours: () => HashDigest.of(data),
      bytes,
    });
    const derivation = KeyDerivation.generate();
    await compare({
      name: named("derive a block's key, against sealing 1 KiB"),
      raw: () => raw.seal(data.subarray(0, kib), new Uint8Array(32)),
      ours: () => derivation.deriveSecretKey("cadc3f583b8647f2a3227400fc02e096"),
    });
  });

  test(`${label}: argon2id of 128 MiB, 3 passes`, async () => {
    const algorithm = newPasswordAlgorithm();
    const { salt, opslimit, memlimitKb } = algorithm;
    await compare({
      name: named("argon2id, default parameters"),
      raw: () => raw.argon2id("password", salt, opslimit, memlimitKb * kib),
      ours: () => passwordToSecretKey("password", algorithm),
    });
  });
}
