import { ParsecError } from "@parsec/base";

export type TestbedErrorCode =
  | "bad_request"
  | "bad_organization_id"
  | "bad_dump"
  | "bad_email"
  | "organization_already_exists"
  | "organization_not_found"
  | "mailbox_not_available"
  | "unknown_fault"
  | "unknown_setting"
  | "unknown_rule"
  | "no_service"
  | "unknown_web_application"
  | "not_signed"
  | "unknown_environment"
  | "unknown_private_key"
  | "private_key_failed";

/** A control route refuses (spec 13 §7). `reason` is the `error` of its JSON reply. */
export class TestbedError extends ParsecError<"TESTBED_REFUSED"> {
  override readonly name: string = "TestbedError";
  readonly reason: TestbedErrorCode;

  constructor(reason: TestbedErrorCode, detail: string) {
    super("TESTBED_REFUSED", detail);
    this.reason = reason;
  }
}
