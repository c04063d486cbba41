import { hasCode } from "@parsec/base";
import { AccountConnection, BadReplyError, type SendOptions } from "@parsec/connection";
import { accountInfo, authMethodPasswordGetAlgorithm } from "@parsec/protocol";
import type { HumanHandle } from "@parsec/types";
import { Account } from "./account.ts";
import { requireCredentials, requireEmail, requireOptions, requireServer } from "./arguments.ts";
import { type AuthMethodKeys, destroyKeys, existingPasswordKeys, keysOf } from "./auth-method-keys.ts";
import type { Credentials } from "./credentials.ts";
import { AccountError } from "./errors.ts";
import { expectOk } from "./reply.ts";
import { type AccountServer, connectTo } from "./server.ts";
import { AccountSession } from "./session.ts";

/**
 * Logs in to an account (spec 07 §7). A wrong password and an unknown account give the same error, since servers do
 * not tell them apart.
 * @throws LogInError
 */
export async function logIn(
  server: AccountServer,
  credentials: Credentials,
  options: SendOptions = {},
): Promise<Account> {
  requireServer(server);
  requireCredentials(credentials);
  if (!("masterSecret" in credentials)) requireEmail(credentials.email);
  requireOptions(options);
  const keys = await keysFor(server, credentials, options);
  try {
    const humanHandle = await fetchHumanHandle(server, keys, options);
    if ("email" in credentials && humanHandle.email !== credentials.email) {
      throw new BadReplyError("the account has another e-mail address than the one to log in with");
    }
    return new Account(new AccountSession(server, humanHandle, keys));
  } catch (error) {
    destroyKeys(keys);
    throw error;
  }
}

async function keysFor(server: AccountServer, credentials: Credentials, options: SendOptions): Promise<AuthMethodKeys> {
  if ("masterSecret" in credentials) return keysOf(credentials.masterSecret);
  const { email, password } = credentials;
  const reply = await connectTo(server).send(authMethodPasswordGetAlgorithm, { email }, options);
  return existingPasswordKeys(password, email, expectOk(reply).passwordAlgorithm, options);
}

async function fetchHumanHandle(
  server: AccountServer,
  { authMethodId, macKey }: AuthMethodKeys,
  options: SendOptions,
): Promise<HumanHandle> {
  const connection = new AccountConnection({ ...server, authMethodId, macKey });
  try {
    return expectOk(await connection.send(accountInfo, {}, options)).humanHandle;
  } catch (cause) {
    if (hasCode(cause, "BAD_AUTHENTICATION")) throw new AccountError("INVALID_CREDENTIALS", { cause });
    throw cause;
  }
}
