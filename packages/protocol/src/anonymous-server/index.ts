export {
  type AccountCreateProceedReply,
  type AccountCreateProceedRequest,
  AccountCreateStep,
  accountCreateProceed,
} from "./account-create-proceed.ts";
export {
  type AccountCreateSendValidationEmailReply,
  type AccountCreateSendValidationEmailRequest,
  accountCreateSendValidationEmail,
} from "./account-create-send-validation-email.ts";
export {
  type AccountRecoverProceedReply,
  type AccountRecoverProceedRequest,
  accountRecoverProceed,
} from "./account-recover-proceed.ts";
export {
  type AccountRecoverSendValidationEmailReply,
  type AccountRecoverSendValidationEmailRequest,
  accountRecoverSendValidationEmail,
} from "./account-recover-send-validation-email.ts";
export {
  type AuthMethodPasswordGetAlgorithmReply,
  type AuthMethodPasswordGetAlgorithmRequest,
  authMethodPasswordGetAlgorithm,
} from "./auth-method-password-get-algorithm.ts";
export { anonymousServerCommands } from "./commands.ts";
export { type AnonymousServerPingReply, type AnonymousServerPingRequest, anonymousServerPing } from "./ping.ts";
export {
  type ScwsServiceMutualChallengesReply,
  type ScwsServiceMutualChallengesRequest,
  scwsServiceMutualChallenges,
} from "./scws-service-mutual-challenges.ts";
export {
  AccountConfig,
  CryptPadConfig,
  OpenBaoAuthConfig,
  OpenBaoConfig,
  OpenBaoSecretConfig,
  OrganizationBootstrapConfig,
  type ServerConfigReply,
  type ServerConfigRequest,
  serverConfig,
} from "./server-config.ts";
