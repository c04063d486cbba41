import { requireObject, requireText } from "@parsec/base";
import type { SendOptions } from "@parsec/connection";
import { accountCreateProceed, accountCreateSendValidationEmail } from "@parsec/protocol";
import type { EmailAddress, HumanHandle } from "@parsec/types";
import { requireCode, requireCredentials, requireEmail, requireOptions, requireServer } from "./arguments.ts";
import { newAuthMethod } from "./auth-method-keys.ts";
import type { NewCredentials } from "./credentials.ts";
import { expectOk } from "./reply.ts";
import { type AccountServer, connectTo } from "./server.ts";
import { parseValidationCode } from "./validation-code.ts";
import { withNewVault } from "./vault/new-vault.ts";

// The creation of an account, in three steps (spec 07 §7).

/**
 * Step 1: asks for the e-mail with the code. Succeeds also when the address has an account, which then gets no e-mail:
 * nobody learns who has one.
 * @throws SendCodeError; the `EmailRateLimitedError` among them tells how long to wait
 */
export async function sendCreationCode(
  server: AccountServer,
  email: EmailAddress,
  options: SendOptions = {},
): Promise<void> {
  requireServer(server);
  requireEmail(email);
  requireOptions(options);
  expectOk(await connectTo(server).send(accountCreateSendValidationEmail, { email }, options));
}

/**
 * Step 2, for interfaces that ask for the password after the code: checks the code without using it up. A code lasts
 * an hour and three failures, those of this step included.
 * @throws CodeError
 */
export async function checkCreationCode(
  server: AccountServer,
  request: { readonly email: EmailAddress; readonly code: string },
  options: SendOptions = {},
): Promise<void> {
  requireServer(server);
  requireObject("request", request);
  const { email, code } = request;
  requireEmail(email);
  requireCode(code);
  requireOptions(options);
  const accountCreateStep = { step: "NUMBER_0_CHECK_CODE", validationCode: parseValidationCode(code), email } as const;
  expectOk(await connectTo(server).send(accountCreateProceed, { accountCreateStep }, options));
}

export interface NewAccount {
  /** The e-mail address identifies the account, its case included. */
  readonly humanHandle: HumanHandle;
  /** From the e-mail. */
  readonly code: string;
  readonly credentials: NewCredentials;
}

/**
 * Step 3: creates the account, with an empty vault. When the reply is lost (`OFFLINE`), try to log in.
 * @throws NewAccountError
 */
export async function createAccount(
  server: AccountServer,
  account: NewAccount,
  options: SendOptions = {},
): Promise<void> {
  requireServer(server);
  requireObject("account", account);
  const { humanHandle, code, credentials } = account;
  requireObject("humanHandle", humanHandle);
  requireText("humanHandle.email", humanHandle.email);
  requireText("humanHandle.label", humanHandle.label);
  requireCode(code);
  requireCredentials(credentials);
  requireOptions(options);
  const validationCode = parseValidationCode(code);
  const method = await newAuthMethod(credentials, humanHandle.email, options);
  await withNewVault(method, async ({ authMethodId, macKey, passwordAlgorithm }, vaultKeyAccess) => {
    const accountCreateStep = {
      step: "NUMBER_1_CREATE",
      validationCode,
      humanHandle,
      authMethodPasswordAlgorithm: passwordAlgorithm,
      authMethodMacKey: macKey,
      authMethodId,
      vaultKeyAccess,
    } as const;
    expectOk(await connectTo(server).send(accountCreateProceed, { accountCreateStep }, options));
  });
}
