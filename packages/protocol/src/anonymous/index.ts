export {
  type AsyncEnrollmentCancelReply,
  type AsyncEnrollmentCancelRequest,
  asyncEnrollmentCancel,
} from "./async-enrollment-cancel.ts";
export {
  type AsyncEnrollmentInfoReply,
  type AsyncEnrollmentInfoRequest,
  AsyncEnrollmentStatus,
  asyncEnrollmentInfo,
} from "./async-enrollment-info.ts";
export {
  type AsyncEnrollmentSubmitReply,
  type AsyncEnrollmentSubmitRequest,
  asyncEnrollmentSubmit,
} from "./async-enrollment-submit.ts";
export { anonymousCommands } from "./commands.ts";
export {
  type OrganizationBootstrapReply,
  type OrganizationBootstrapRequest,
  organizationBootstrap,
} from "./organization-bootstrap.ts";
export { type AnonymousPingReply, type AnonymousPingRequest, anonymousPing } from "./ping.ts";
export {
  type TotpFetchOpaqueKeyReply,
  type TotpFetchOpaqueKeyRequest,
  totpFetchOpaqueKey,
} from "./totp-fetch-opaque-key.ts";
export {
  type AnonymousTotpSetupConfirmReply,
  type AnonymousTotpSetupConfirmRequest,
  anonymousTotpSetupConfirm,
} from "./totp-setup-confirm.ts";
export {
  type AnonymousTotpSetupGetSecretReply,
  type AnonymousTotpSetupGetSecretRequest,
  anonymousTotpSetupGetSecret,
} from "./totp-setup-get-secret.ts";
