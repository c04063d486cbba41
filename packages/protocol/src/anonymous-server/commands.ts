import { accountCreateProceed } from "./account-create-proceed.ts";
import { accountCreateSendValidationEmail } from "./account-create-send-validation-email.ts";
import { accountRecoverProceed } from "./account-recover-proceed.ts";
import { accountRecoverSendValidationEmail } from "./account-recover-send-validation-email.ts";
import { authMethodPasswordGetAlgorithm } from "./auth-method-password-get-algorithm.ts";
import { anonymousServerPing } from "./ping.ts";
import { scwsServiceMutualChallenges } from "./scws-service-mutual-challenges.ts";
import { serverConfig } from "./server-config.ts";

/** The anonymous server commands, by their name on the wire (spec 05 §13.5). */
export const anonymousServerCommands = {
  account_create_proceed: accountCreateProceed,
  account_create_send_validation_email: accountCreateSendValidationEmail,
  account_recover_proceed: accountRecoverProceed,
  account_recover_send_validation_email: accountRecoverSendValidationEmail,
  auth_method_password_get_algorithm: authMethodPasswordGetAlgorithm,
  ping: anonymousServerPing,
  scws_service_mutual_challenges: scwsServiceMutualChallenges,
  server_config: serverConfig,
} as const;
