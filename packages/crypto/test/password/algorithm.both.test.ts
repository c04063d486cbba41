import {
  defaultPasswordParameters,
  fakePasswordAlgorithm,
  fakePasswordAlgorithmSeed,
  newPasswordAlgorithm,
  passwordToSecretKey,
  ready,
  SecretKey,
  validateUntrusted,
} from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";

const email = "alice@example.com";

beforeAll(() => ready());

describe("untrusted parameters", () => {
  test.each([
    { memlimitKb: 131_071 },
    { opslimit: 2 },
    { parallelism: 0 },
    { memlimitKb: Number.NaN },
    { memlimitKb: 1024 * 1024 + 1 },
    { opslimit: 17 },
    { memlimitKb: 2 ** 32 - 1, opslimit: 2 ** 32 - 1 },
  ])("%o are refused", (change) => {
    expect(() => validateUntrusted({ ...defaultPasswordParameters, ...change }, email)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(ALGORITHM|DATA_SIZE)$/) }),
    );
  });

  test("a parallelism that libsodium can't compute is refused", () => {
    expect(() => validateUntrusted({ ...defaultPasswordParameters, parallelism: 2 }, email)).toThrow(
      expect.objectContaining({ code: "DATA_SIZE" }),
    );
  });

  test("the bounds themselves are accepted", () => {
    for (const change of [{}, { memlimitKb: 1024 * 1024, opslimit: 16 }]) {
      const accepted = validateUntrusted({ ...defaultPasswordParameters, ...change }, email);
      expect(accepted).toMatchObject({ ...defaultPasswordParameters, ...change });
      expect(accepted.salt).toHaveLength(16);
    }
  });

  test("the salt follows the case of the e-mail", () => {
    const salt = (of: string) => validateUntrusted(defaultPasswordParameters, of).salt.join();
    expect(salt("Alice@example.com")).not.toBe(salt(email));
  });
});

test.each([
  { memlimitKb: 7 },
  { memlimitKb: 8.5 },
  { memlimitKb: 2 ** 32 - 1 },
  { opslimit: 0 },
  { opslimit: 2 ** 32 - 1 },
  { parallelism: 2 },
  { salt: new Uint8Array(15) },
])("a device file with %o gives an error, not a hang", async (change) => {
  const algorithm = { ...newPasswordAlgorithm(), ...change };
  await expect(passwordToSecretKey("password", algorithm)).rejects.toMatchObject({ code: "DATA_SIZE" });
});

test("a new algorithm has the default parameters and a salt of its own", () => {
  expect(newPasswordAlgorithm()).toMatchObject(defaultPasswordParameters);
  expect(newPasswordAlgorithm().salt).toHaveLength(16);
  expect(newPasswordAlgorithm().salt.join()).not.toBe(newPasswordAlgorithm().salt.join());
});

test("a password is taken as typed: no trimming, no normalization", async () => {
  const algorithm = { ...newPasswordAlgorithm(), memlimitKb: 8, opslimit: 1 };
  const keys = await Promise.all(
    ["é", "e\u0301", "é ", ""].map(async (password) =>
      (await passwordToSecretKey(password, algorithm)).toBytes().join(),
    ),
  );
  expect(new Set(keys).size).toBe(4);
});

test("the fake algorithm of an unknown e-mail is stable and looks like a real one", () => {
  const seed = fakePasswordAlgorithmSeed("some setting");
  expect(seed).toBeInstanceOf(SecretKey);
  expect(seed.equals(fakePasswordAlgorithmSeed("some setting"))).toBe(true);
  expect(seed.equals(fakePasswordAlgorithmSeed("another"))).toBe(false);
  expect(fakePasswordAlgorithm(email, seed)).toEqual(defaultPasswordParameters);
});
