import { DateTime, type EmailAddress, generateValidationCode, type ValidationCode } from "@parsec/types";
import { Persisted } from "../commands/handler.ts";
import type { Scope } from "../commands/scope.ts";
import type { CodePurpose } from "../store/port/accounts.ts";

/** Microseconds that a code is good for. */
const lifetime = 3600 * 1_000_000;
const maxFailures = 3;

/** A new code, that replaces any earlier one for the same purpose. Those of anybody that are too old go. */
export async function newValidationCode(
  { tx, now }: Scope,
  purpose: CodePurpose,
  email: EmailAddress,
): Promise<ValidationCode> {
  await tx.accounts.forgetValidationCodes(DateTime.fromMicros(now - lifetime));
  const code = generateValidationCode();
  await tx.accounts.putValidationCode(purpose, email, { code, createdOn: now, failedAttempts: 0 });
  return code;
}

/** The checks that every command with a code begins with (spec 08b §2.3). A failure is counted although it is an error. */
export async function badValidationCode(
  { tx, now }: Scope,
  purpose: CodePurpose,
  email: EmailAddress,
  code: ValidationCode,
) {
  const stored = await tx.accounts.validationCode(purpose, email);
  const isUsable = stored !== undefined && now - stored.createdOn <= lifetime && stored.failedAttempts < maxFailures;
  if (!isUsable) return { status: "send_validation_email_required" } as const;
  if (stored.code === code) return undefined;
  const failed = { ...stored, failedAttempts: stored.failedAttempts + 1 };
  await tx.accounts.putValidationCode(purpose, email, failed);
  return new Persisted({ status: "invalid_validation_code" } as const);
}
