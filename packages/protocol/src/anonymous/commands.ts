import { asyncEnrollmentCancel } from "./async-enrollment-cancel.ts";
import { asyncEnrollmentInfo } from "./async-enrollment-info.ts";
import { asyncEnrollmentSubmit } from "./async-enrollment-submit.ts";
import { organizationBootstrap } from "./organization-bootstrap.ts";
import { anonymousPing } from "./ping.ts";
import { totpFetchOpaqueKey } from "./totp-fetch-opaque-key.ts";
import { anonymousTotpSetupConfirm } from "./totp-setup-confirm.ts";
import { anonymousTotpSetupGetSecret } from "./totp-setup-get-secret.ts";

/** The anonymous commands, by their name on the wire (spec 05 §13.4). */
export const anonymousCommands = {
  async_enrollment_cancel: asyncEnrollmentCancel,
  async_enrollment_info: asyncEnrollmentInfo,
  async_enrollment_submit: asyncEnrollmentSubmit,
  organization_bootstrap: organizationBootstrap,
  ping: anonymousPing,
  totp_fetch_opaque_key: totpFetchOpaqueKey,
  totp_setup_confirm: anonymousTotpSetupConfirm,
  totp_setup_get_secret: anonymousTotpSetupGetSecret,
} as const;
