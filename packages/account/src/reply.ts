import { BadReplyError } from "@parsec/connection";
import type { UnknownStatus } from "@parsec/protocol";
import type { DateTime } from "@parsec/types";
import { AccountError, type AccountErrorCode, EmailRateLimitedError } from "./errors.ts";

/** What each refusal of the server is called here. */
const codes = {
  auth_method_already_disabled: "AUTH_METHOD_ALREADY_DISABLED",
  auth_method_id_already_exists: "AUTH_METHOD_ALREADY_EXISTS",
  auth_method_not_found: "AUTH_METHOD_NOT_FOUND",
  email_recipient_refused: "EMAIL_RECIPIENT_REFUSED",
  email_server_unavailable: "EMAIL_SERVER_UNAVAILABLE",
  invalid_validation_code: "INVALID_VALIDATION_CODE",
  items_mismatch: "VAULT_CHANGED",
  new_auth_method_id_already_exists: "AUTH_METHOD_ALREADY_EXISTS",
  self_disable_not_allowed: "SELF_DISABLE_NOT_ALLOWED",
  send_validation_email_required: "SEND_VALIDATION_EMAIL_REQUIRED",
} as const satisfies Readonly<Record<string, AccountErrorCode>>;

interface Ok {
  readonly status: "ok";
}
type Refusal =
  | { readonly status: keyof typeof codes }
  | { readonly status: "email_sending_rate_limited"; readonly waitUntil: DateTime }
  | UnknownStatus;

/**
 * The reply, when the server did as asked.
 * @throws AccountError for a refusal, BadReplyError for a status of a newer server
 */
export function expectOk<R extends Ok | Refusal>(reply: R): Extract<R, Ok> {
  if (isOk(reply)) return reply;
  throw errorOf(reply);
}

function isOk<R extends Ok | Refusal>(reply: R): reply is Extract<R, Ok> {
  return reply.status === "ok";
}

function errorOf(reply: Ok | Refusal): AccountError | BadReplyError {
  switch (reply.status) {
    case "ok":
    case "unknown_status":
      return unexpectedStatus(reply);
    case "email_sending_rate_limited":
      return new EmailRateLimitedError(reply.waitUntil);
    default:
      return new AccountError(codes[reply.status]);
  }
}

/** A status that the command cannot have here, or that this version does not know. */
export function unexpectedStatus(reply: { readonly status: string; readonly unknownStatus?: string }): BadReplyError {
  return new BadReplyError(`the status ${reply.unknownStatus ?? reply.status} is not expected here`);
}
