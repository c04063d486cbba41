import { requireObject } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import { accountRecoverProceed, accountRecoverSendValidationEmail } from "@parsec/protocol";
import type { EmailAddress } from "@parsec/types";
import { requireCode, requireCredentials, requireEmail, requireOptions, requireServer } from "./arguments.ts";
import { newAuthMethod } from "./auth-method-keys.ts";
import type { NewCredentials } from "./credentials.ts";
import { expectOk } from "./reply.ts";
import { type AccountServer, connectTo } from "./server.ts";
import { parseValidationCode } from "./validation-code.ts";
import { withNewVault } from "./vault/new-vault.ts";

// The recovery of an account whose password is lost (spec 07 §7).

/**
 * Step 1: asks for the e-mail with the code. Succeeds also when the address has no account, and then gets no e-mail.
 * @throws SendCodeError; the `EmailRateLimitedError` among them tells how long to wait
 */
export async function sendRecoveryCode(
  server: AccountServer,
  email: EmailAddress,
  options: SendOptions = {},
): Promise<void> {
  requireServer(server);
  requireEmail(email);
  requireOptions(options);
  expectOk(await connectTo(server).send(accountRecoverSendValidationEmail, { email }, options));
}

export interface AccountRecovery {
  readonly email: EmailAddress;
  /** From the e-mail. */
  readonly code: string;
  readonly credentials: NewCredentials;
}

/**
 * Step 2: replaces all authentication methods by a new one. The vault is new and empty: device files that the old one
 * protects no longer open, until `vault.restorePrevious` with the old password. When the reply is lost (`OFFLINE`), try
 * to log in.
 * @throws NewAccountError
 */
export async function recoverAccount(
  server: AccountServer,
  recovery: AccountRecovery,
  options: SendOptions = {},
): Promise<void> {
  requireServer(server);
  requireObject("recovery", recovery);
  const { email, code, credentials } = recovery;
  requireEmail(email);
  requireCode(code);
  requireCredentials(credentials);
  requireOptions(options);
  const validationCode = parseValidationCode(code);
  const method = await newAuthMethod(credentials, email, options);
  await withNewVault(method, async ({ authMethodId, macKey, passwordAlgorithm }, newVaultKeyAccess) => {
    const request = {
      email,
      validationCode,
      newVaultKeyAccess,
      newAuthMethodPasswordAlgorithm: passwordAlgorithm,
      newAuthMethodMacKey: macKey,
      newAuthMethodId: authMethodId,
    };
    expectOk(await connectTo(server).send(accountRecoverProceed, request, options));
  });
}
