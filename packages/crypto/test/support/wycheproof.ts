import { equalBytes } from "@parsec/base";
import type { RsaEngine } from "@parsec/crypto";
import { expect, test } from "vitest";
import file from "../../../../test/vectors/wycheproof.json" with { type: "json" };
import { maxSaltLength, pssSaltLength } from "../../src/sequester/pss-salt.ts";
import { parseSpki } from "../../src/sequester/rsa-key.ts";
import { hexBytes } from "./fields.ts";

/** Every set, by name, and how many tests it has. */
export const wycheproof = file.sets;
export const setSizes: Readonly<Record<string, number>> = {
  ed25519: 151,
  rsa_oaep_2048_sha256_mgf1sha256: 37,
  rsa_oaep_3072_sha256_mgf1sha256: 37,
  rsa_pss_2048_sha256_mgf1_32: 108,
  rsa_pss_3072_sha256_mgf1_32: 108,
  rsa_pss_4096_sha256_mgf1_32: 108,
  x25519: 518,
};

const oaepSets = [
  ["rsa_oaep_2048_sha256_mgf1sha256", wycheproof.rsa_oaep_2048_sha256_mgf1sha256],
  ["rsa_oaep_3072_sha256_mgf1sha256", wycheproof.rsa_oaep_3072_sha256_mgf1sha256],
] as const;

const pssSets = [
  ["rsa_pss_2048_sha256_mgf1_32", wycheproof.rsa_pss_2048_sha256_mgf1_32],
  ["rsa_pss_3072_sha256_mgf1_32", wycheproof.rsa_pss_3072_sha256_mgf1_32],
  ["rsa_pss_4096_sha256_mgf1_32", wycheproof.rsa_pss_4096_sha256_mgf1_32],
] as const;

/**
 * Good signatures with another salt length than 32, which these sets call invalid: Parsec accepts any (spec 01 §11).
 * By tcId.
 */
const otherSaltLengths: Readonly<Record<number, number | "maximum">> = {
  67: 0,
  68: 1,
  69: 20,
  70: 31,
  71: 33,
  72: "maximum",
};

const digest = async (data: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

/** The RSA sets on one engine. */
export function testRsaSets(engine: () => RsaEngine): void {
  for (const [name, groups] of oaepSets) {
    test(`${name}: ${setSizes[name]} ciphertexts`, async () => {
      const outcomes = [];
      for (const { private_key_pkcs8: key, tests } of groups) {
        for (const { tcId, msg, ct, label, result } of tests) {
          const opened = await engine().oaepDecrypt(hexBytes(key), hexBytes(ct), hexBytes(label));
          outcomes.push({ tcId, right: result === "valid" ? sameBytes(opened, msg) : opened === undefined });
        }
      }
      expectAllRight(name, outcomes);
    });
  }
  for (const [name, groups] of pssSets) {
    test(`${name}: ${setSizes[name]} signatures`, async () => {
      const outcomes = [];
      for (const { public_key_spki: key, tests } of groups) {
        for (const { tcId, msg, sig, result } of tests) {
          const verified = await engine().pssVerify(hexBytes(key), hexBytes(sig), hexBytes(msg));
          const valid = result === "valid" || tcId in otherSaltLengths;
          outcomes.push({ tcId, right: verified === valid });
          if (!verified) continue;
          const numbers = parseSpki(hexBytes(key));
          const named = otherSaltLengths[tcId] ?? 32;
          const expected = named === "maximum" ? maxSaltLength(numbers.modulus) : named;
          expect(await pssSaltLength(numbers, hexBytes(sig), digest), `salt of ${tcId}`).toBe(expected);
        }
      }
      expectAllRight(name, outcomes);
    });
  }
}

/** All tests of that set were run, and each came out as it should. */
export function expectAllRight(name: string, outcomes: readonly { tcId: number; right: boolean | undefined }[]): void {
  expect(outcomes).toHaveLength(setSizes[name] ?? Number.NaN);
  expect(outcomes.filter(({ right }) => right !== true).map(({ tcId }) => tcId)).toEqual([]);
}

export function sameBytes(bytes: Uint8Array | undefined, hex: string): boolean {
  return bytes !== undefined && equalBytes(bytes, hexBytes(hex));
}
