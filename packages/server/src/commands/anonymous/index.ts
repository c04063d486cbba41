import type { Handler } from "../handler.ts";
import type { OrganizationCaller } from "../scope.ts";
import { asyncEnrollmentCancelHandler } from "./async-enrollment-cancel.ts";
import { asyncEnrollmentInfoHandler } from "./async-enrollment-info.ts";
import { asyncEnrollmentSubmitHandler } from "./async-enrollment-submit.ts";
import { organizationBootstrapHandler } from "./organization-bootstrap.ts";
import { anonymousPingHandler } from "./ping.ts";
import { totpFetchOpaqueKeyHandler } from "./totp-fetch-opaque-key.ts";
import { anonymousTotpSetupConfirmHandler } from "./totp-setup-confirm.ts";
import { anonymousTotpSetupGetSecretHandler } from "./totp-setup-get-secret.ts";

/** The commands of the family. */
export const anonymousHandlers: readonly Handler<OrganizationCaller>[] = [
  asyncEnrollmentCancelHandler,
  asyncEnrollmentInfoHandler,
  asyncEnrollmentSubmitHandler,
  organizationBootstrapHandler,
  anonymousPingHandler,
  totpFetchOpaqueKeyHandler,
  anonymousTotpSetupConfirmHandler,
  anonymousTotpSetupGetSecretHandler,
];
