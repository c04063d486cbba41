export { password, type Protection } from "@parsec/device";
export type { BootstrapError, BootstrapOptions } from "./bootstrap/bootstrap.ts";
export type { PollError } from "./certificates/certificates.ts";
export type { TopicTimestamps } from "./certificates/topic.ts";
export { type CertificateViolation, InvalidCertificateError } from "./certificates/violation.ts";
export {
  ClockDriftError,
  GreaterTimestampError,
  MissingCertificatesError,
  type RefusalCode,
  RefusedError,
  UnexpectedReplyError,
} from "./errors.ts";
export type { RealmKeysError } from "./realm-keys/realm-keys.ts";
export { InvalidKeysBundleError, type KeysBundleDefect } from "./realm-keys/keys-bundle-error.ts";
export { MissingKeyRotationsError } from "./realm-keys/rotations.ts";
export { createParsec, type LoginOptions, type Parsec } from "./parsec.ts";
export type { ParsecOptions } from "./ports.ts";
export type { ArchivingRequest } from "./realms/archive-realm.ts";
export { InvalidRealmNameError } from "./realms/realm-name.ts";
export type { WorkspaceMember } from "./realms/realms.ts";
export type { SessionConfig } from "./session/config.ts";
export type { ClientEvent, OrganizationConfig, SessionEvents } from "./session/events.ts";
export type { Session } from "./session/session.ts";
export type { WorkspaceInfo, Workspaces } from "./session/workspaces.ts";
export type { DeviceInfo, UserInfo, Users } from "./users/users.ts";
export type { Workspace } from "./workspace/workspace.ts";
