import { SecretKey } from "@parsec/crypto";
import { TotpOpaqueKeyId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { type ProtectionType, withTotp } from "../../src/index.ts";
import { protections } from "../support/vectors.ts";

/** The table of spec 06 §14. */
const offlineLogin: Readonly<Record<ProtectionType, boolean>> = {
  password: true,
  keyring: true,
  pki: true,
  openbao: false,
  account_vault: false,
};

describe.each(Object.entries(protections))("%s", (_, make) => {
  const protection = make();

  test("tells whether it needs a network; with a second factor it always does", () => {
    expect(protection.offlineLogin).toBe(offlineLogin[protection.type]);
    const totp = { opaqueKeyId: TotpOpaqueKeyId.generate(), key: SecretKey.generate() };
    const both = withTotp(protection, totp);
    expect(both).toMatchObject({ type: protection.type, offlineLogin: false });
    expect(protection.totp).toBeUndefined();
  });
});
