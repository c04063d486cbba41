import type { Handler } from "../handler.ts";
import { accountCreateProceedHandler } from "./account-create-proceed.ts";
import { accountCreateSendValidationEmailHandler } from "./account-create-send-validation-email.ts";
import { accountRecoverProceedHandler } from "./account-recover-proceed.ts";
import { accountRecoverSendValidationEmailHandler } from "./account-recover-send-validation-email.ts";
import { authMethodPasswordGetAlgorithmHandler } from "./auth-method-password-get-algorithm.ts";
import { anonymousServerPingHandler } from "./ping.ts";
import { scwsServiceMutualChallengesHandler } from "./scws-service-mutual-challenges.ts";
import { serverConfigHandler } from "./server-config.ts";

/** The commands of the family. */
export const anonymousServerHandlers: readonly Handler<null>[] = [
  accountCreateProceedHandler,
  accountCreateSendValidationEmailHandler,
  accountRecoverProceedHandler,
  accountRecoverSendValidationEmailHandler,
  authMethodPasswordGetAlgorithmHandler,
  anonymousServerPingHandler,
  scwsServiceMutualChallengesHandler,
  serverConfigHandler,
];
