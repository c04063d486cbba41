import { utf8 } from "@parsec/base";
import { OrganizationId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { oneTimePassword, totpSecret } from "../src/index.ts";
import { vectors } from "./support/vectors.ts";

describe("one-time passwords", () => {
  const { secret_utf8: secret, code, reference_unix_seconds: seconds } = vectors.totp.verify_window;

  test("the code of the vectors", async () => {
    expect(await oneTimePassword(utf8(secret), seconds * 1e6)).toBe(code);
  });

  test.each(vectors.totp.rfc6238_sha1_8digits.cases)("RFC 6238 at $unix_seconds: its last six digits", async (each) => {
    const key = utf8(vectors.totp.rfc6238_sha1_8digits.secret_utf8);
    expect(await oneTimePassword(key, each.unix_seconds * 1e6)).toBe(each.code.slice(2));
  });

  test("the secret as base32, without padding", async () => {
    const { totp_secret_utf8: text, base32_nopad: base32 } = vectors.totp.base32_secret;
    expect((await totpSecret(utf8(text), OrganizationId.parse("Acme"))).base32).toBe(base32);
  });
});
