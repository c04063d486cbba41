import { SecretKey } from "@parsec/crypto";
import { accountCreateProceed, accountCreateSendValidationEmail } from "@parsec/protocol";
import { AccountAuthMethodId, type HumanHandle, ValidationCode } from "@parsec/types";
import type { Sender } from "./client.ts";
import { expectStatus } from "./organization.ts";
import type { Target } from "./target.ts";

export const argon2id = { type: "ARGON2ID", memlimitKb: 262_144, opslimit: 4, parallelism: 1 } as const;
/** An account, as the method that a request is authenticated with. */
export type Account = Extract<Sender, { readonly kind: "account" }>;

/** A code that is not the right one. */
export function otherThan(code: string): ValidationCode {
  return ValidationCode.parse(code === "AAAAAA" ? "BBBBBB" : "AAAAAA");
}

export function newMethod(): Account {
  return { kind: "account", authMethodId: AccountAuthMethodId.generate(), macKey: SecretKey.generate() };
}

/** No pause between mails, unless a scenario is about it. */
export async function withoutRateLimit({ controls }: Target): Promise<void> {
  await controls.configure({ email_rate_limit_cooldown_delay: 0, email_rate_limit_max_per_hour: 0 });
}

/** An account with a password method. */
export async function createAccount(target: Target, handle: HumanHandle, method = newMethod()): Promise<Account> {
  expectStatus(await target.send(accountCreateSendValidationEmail, { email: handle.email }), "ok");
  const validationCode = ValidationCode.parse(await target.controls.lastCode(handle.email));
  expectStatus(await proceedWith(target, handle, validationCode, method), "ok");
  return method;
}

/** The last step of the creation of an account. */
export function proceedWith(
  target: Target,
  humanHandle: HumanHandle,
  validationCode: ValidationCode,
  method = newMethod(),
) {
  return target.send(accountCreateProceed, {
    accountCreateStep: {
      step: "NUMBER_1_CREATE",
      validationCode,
      humanHandle,
      authMethodPasswordAlgorithm: argon2id,
      authMethodMacKey: method.macKey,
      authMethodId: method.authMethodId,
      vaultKeyAccess: new Uint8Array([1]),
    },
  });
}
