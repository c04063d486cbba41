import { randomBytes } from "@parsec/base";
import { KeyDerivation, SecretKey } from "@parsec/crypto";
import { expect, test } from "vitest";

// The house's own extension of the test runner: see test/support/key-equality.ts.
test("deep comparison of test values sees the bytes of keys", () => {
  const raw = randomBytes(32);
  expect({ key: SecretKey.fromBytes(raw) }).toEqual({ key: SecretKey.fromBytes(raw) });
  expect({ key: SecretKey.fromBytes(raw) }).not.toEqual({ key: SecretKey.fromBytes(randomBytes(32)) });
  expect([SecretKey.fromBytes(raw)]).not.toStrictEqual([SecretKey.fromBytes(randomBytes(32))]);
  expect([SecretKey.fromBytes(raw)]).not.toEqual([KeyDerivation.fromBytes(raw)]);
  expect({ key: SecretKey.fromBytes(raw), more: 1 }).not.toMatchObject({ key: SecretKey.fromBytes(randomBytes(32)) });
});
