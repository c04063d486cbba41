import { requireObject, requireText } from "@parsec/base";
import {
  type AnonymousConnection,
  type AuthenticatedConnection,
  BadReplyError,
  type SendOptions,
} from "@parsec/connection";
import {
  anonymousTotpSetupConfirm,
  anonymousTotpSetupGetSecret,
  totpCreateOpaqueKey,
  totpFetchOpaqueKey,
  totpSetupConfirm,
  totpSetupGetSecret,
} from "@parsec/protocol";
import type { OrganizationId, TotpOpaqueKeyId, TotpResetAddress, UserId } from "@parsec/types";
import { requireCode, requireConnection, requireOptions } from "../arguments.ts";
import type { TotpKey } from "../protection/protection.ts";
import { TotpError, TotpThrottledError } from "./errors.ts";
import { type TotpSecret, totpSecret } from "./secret.ts";

// The second factor of a user, over the network (spec 06 §11.4). Errors: TotpError, ConnectionError.

/** Whether the user's authenticator application is set up. */
export type TotpStatus =
  | { readonly status: "confirmed" }
  | { readonly status: "unconfirmed"; readonly secret: TotpSecret };

/** The state of one's own second factor; before it is confirmed, the secret to set it up with. */
export async function totpStatus(
  connection: AuthenticatedConnection,
  organizationId: OrganizationId,
  options: SendOptions = {},
): Promise<TotpStatus> {
  requireConnection(connection);
  requireText("organizationId", organizationId, { filled: true });
  requireOptions(options);
  const reply = await connection.send(totpSetupGetSecret, {}, options);
  switch (reply.status) {
    case "ok":
      return { status: "unconfirmed", secret: await totpSecret(reply.totpSecret, organizationId) };
    case "already_setup":
      return { status: "confirmed" };
    case "unknown_status":
      throw unexpected(reply);
  }
}

/**
 * Ends the setup with a first code of the authenticator application.
 * @throws TotpError INVALID_ONE_TIME_PASSWORD, TOTP_ALREADY_SETUP
 */
export async function confirmTotp(
  connection: AuthenticatedConnection,
  code: string,
  options: SendOptions = {},
): Promise<void> {
  requireConnection(connection);
  requireCode(code);
  requireOptions(options);
  const reply = await connection.send(totpSetupConfirm, { oneTimePassword: code }, options);
  switch (reply.status) {
    case "ok":
      return;
    case "already_setup":
      throw new TotpError("TOTP_ALREADY_SETUP");
    case "invalid_one_time_password":
      throw new TotpError("INVALID_ONE_TIME_PASSWORD");
    case "unknown_status":
      throw unexpected(reply);
  }
}

/** A new key that the server keeps, to protect a device with: see `withTotp`. */
export async function createTotpKey(connection: AuthenticatedConnection, options: SendOptions = {}): Promise<TotpKey> {
  requireConnection(connection);
  requireOptions(options);
  const reply = await connection.send(totpCreateOpaqueKey, {}, options);
  if (reply.status !== "ok") throw unexpected(reply);
  return { opaqueKeyId: reply.opaqueKeyId, key: reply.opaqueKey };
}

/** A device that has a second factor: an `AvailableDevice` is one. */
export interface TotpProtected {
  readonly userId: UserId;
  readonly totpOpaqueKeyId: TotpOpaqueKeyId;
}

/**
 * The key of a device's second factor, for a code of the authenticator application. Needs no device key: it comes
 * before the unlocking.
 * @throws TotpError INVALID_ONE_TIME_PASSWORD
 * @throws TotpThrottledError
 */
export async function fetchTotpKey(
  connection: AnonymousConnection,
  device: TotpProtected,
  code: string,
  options: SendOptions = {},
): Promise<TotpKey> {
  requireConnection(connection);
  requireObject("device", device);
  requireText("device.userId", device.userId, { filled: true });
  requireText("device.totpOpaqueKeyId", device.totpOpaqueKeyId, { filled: true });
  requireCode(code);
  requireOptions(options);
  const { userId, totpOpaqueKeyId: opaqueKeyId } = device;
  const reply = await connection.send(totpFetchOpaqueKey, { userId, opaqueKeyId, oneTimePassword: code }, options);
  switch (reply.status) {
    case "ok":
      return { opaqueKeyId, key: reply.opaqueKey };
    case "throttled":
      throw new TotpThrottledError(reply.waitUntil);
    case "invalid_one_time_password":
      throw new TotpError("INVALID_ONE_TIME_PASSWORD");
    case "unknown_status":
      throw unexpected(reply);
  }
}

/**
 * The secret for a user whose second factor was reset, from the link that the administrator sent.
 * @throws TotpError BAD_TOTP_RESET_TOKEN
 */
export async function resetTotpSecret(
  connection: AnonymousConnection,
  link: TotpResetAddress,
  options: SendOptions = {},
): Promise<TotpSecret> {
  requireConnection(connection);
  requireLink(link);
  requireOptions(options);
  const { userId, token } = link;
  const reply = await connection.send(anonymousTotpSetupGetSecret, { userId, token }, options);
  switch (reply.status) {
    case "ok":
      return totpSecret(reply.totpSecret, link.organizationId);
    case "bad_token":
      throw new TotpError("BAD_TOTP_RESET_TOKEN");
    case "unknown_status":
      throw unexpected(reply);
  }
}

/**
 * Ends the setup that follows a reset.
 * @throws TotpError INVALID_ONE_TIME_PASSWORD, BAD_TOTP_RESET_TOKEN
 */
export async function confirmTotpReset(
  connection: AnonymousConnection,
  link: TotpResetAddress,
  code: string,
  options: SendOptions = {},
): Promise<void> {
  requireConnection(connection);
  requireLink(link);
  requireCode(code);
  requireOptions(options);
  const { userId, token } = link;
  const reply = await connection.send(anonymousTotpSetupConfirm, { userId, token, oneTimePassword: code }, options);
  switch (reply.status) {
    case "ok":
      return;
    case "bad_token":
      throw new TotpError("BAD_TOTP_RESET_TOKEN");
    case "invalid_one_time_password":
      throw new TotpError("INVALID_ONE_TIME_PASSWORD");
    case "unknown_status":
      throw unexpected(reply);
  }
}

function requireLink(link: TotpResetAddress): void {
  requireObject("link", link);
  requireText("link.userId", link.userId, { filled: true });
  requireText("link.token", link.token, { filled: true });
}

/** A status of a newer server, which this version cannot know. */
function unexpected({ unknownStatus }: { readonly unknownStatus: string }): BadReplyError {
  return new BadReplyError(`the status ${unknownStatus} is not known here`);
}
