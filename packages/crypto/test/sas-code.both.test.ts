import { toHex } from "@parsec/base";
import {
  generateSasCodes,
  HashDigest,
  PrivateKey,
  parseSasCode,
  ready,
  SasCodeError,
  sasCandidates,
  sasCodeFromInteger,
} from "@parsec/crypto";
import { beforeAll, expect, test } from "vitest";
import { hexBytes } from "./support/fields.ts";

beforeAll(() => ready());

const range = (from: number, to: number) => Uint8Array.from({ length: to - from }, (_, i) => from + i);

// The check values of spec 09b §3.4: each side passes the role of its peer.
test("a greeting gives both sides the codes of the reference", () => {
  const greeter = PrivateKey.fromBytes(hexBytes("7d406ac1e4df6c16d656290350499345432e8f75260c2809302ba8c4500548c2"));
  const claimer = PrivateKey.fromBytes(hexBytes("1e41b6450e2862452c2c40f5b1b6298d8a2433b3131ac8291a4840e5057c313b"));
  const ofGreeter = greeter.sharedSecretKey(claimer.publicKey, "CLAIMER");
  const ofClaimer = claimer.sharedSecretKey(greeter.publicKey, "GREETER");
  expect(toHex(ofGreeter.toBytes())).toBe("4883290bad8fb20dee068de4967e5df149bda8c3702864bc7cb5d59c098a642f");
  expect(ofClaimer.equals(ofGreeter)).toBe(true);
  expect(HashDigest.of(range(0, 64)).hex).toBe("fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108");
  const codes = generateSasCodes(range(0, 64), range(64, 128), ofGreeter);
  expect(codes).toEqual({ claimerSas: "9KZW", greeterSas: "E5V5" });
});

test("integers outside 20 bits are refused", () => {
  for (const bad of [-1, 2 ** 20, 0.5, Number.NaN]) expect(() => sasCodeFromInteger(bad)).toThrow(SasCodeError);
});

test("only four symbols of the alphabet are a code", () => {
  expect(parseSasCode("AU2D")).toBe("AU2D");
  for (const bad of ["", "AAA", "AAAAA", "aaaa", "AAA0", "AAA1", "AAAI", "AAAO", "AAA ", "ÀAAA", "AAAA\n"]) {
    expect(() => parseSasCode(bad)).toThrow(SasCodeError);
  }
});

test("candidates hold the right code once, at any place", () => {
  const right = parseSasCode("4BKE");
  expect(sasCandidates(right, 0)).toEqual([]);
  expect(sasCandidates(right, 1)).toEqual([right]);
  const places = new Set<number>();
  for (let i = 0; i < 200; i += 1) {
    const candidates = sasCandidates(right, 4);
    expect(candidates).toHaveLength(4);
    expect(candidates.filter((code) => code === right)).toHaveLength(1);
    for (const code of candidates) expect(parseSasCode(code)).toBe(code);
    places.add(candidates.indexOf(right));
  }
  expect(places.size).toBe(4);
});
