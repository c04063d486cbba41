import {
  AccountAuthMethodId,
  Bytes,
  EmailAddress,
  HumanHandle,
  type Infer,
  nullable,
  SecretKeyCodec,
  taggedUnion,
  UntrustedPasswordAlgorithm,
  ValidationCode,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** A check of the validation code alone, or the creation. */
export const AccountCreateStep = /* @__PURE__ */ taggedUnion("step", {
  NUMBER_0_CHECK_CODE: { validationCode: ValidationCode, email: EmailAddress },
  NUMBER_1_CREATE: {
    validationCode: ValidationCode,
    humanHandle: HumanHandle,
    authMethodPasswordAlgorithm: /* @__PURE__ */ nullable(UntrustedPasswordAlgorithm),
    authMethodMacKey: SecretKeyCodec,
    authMethodId: AccountAuthMethodId,
    vaultKeyAccess: Bytes,
  },
});
export type AccountCreateStep = Infer<typeof AccountCreateStep>;

/**
 * Checks the code of the validation e-mail, or creates the account with it. A code lasts an hour and three failures
 * (spec 05 §13.5).
 */
export const accountCreateProceed = /* @__PURE__ */ command("anonymous_server", "account_create_proceed", () => ({
  request: { accountCreateStep: AccountCreateStep },
  replies: {
    ok: {},
    invalid_validation_code: {},
    send_validation_email_required: {},
    auth_method_id_already_exists: {},
  },
}));
export type AccountCreateProceedRequest = RequestOf<typeof accountCreateProceed>;
export type AccountCreateProceedReply = ReplyOf<typeof accountCreateProceed>;
