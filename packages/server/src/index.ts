export { AdministrationError } from "./administration/error.ts";
export type { OrganizationChanges } from "./administration/organizations.ts";
export {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type BlockStoreErrorCode,
  type ListedBlock,
} from "./block-store/port.ts";
export type { AccountConfig, OpenBaoConfig, ScwsConfig, ServerConfig } from "./config.ts";
export { StartServerError, type StartServerErrorCode } from "./errors.ts";
export type { TlsOptions } from "./http/listen.ts";
export type { RequestFamily, RequestSummary } from "./http/request-summary.ts";
export { MemoryMailbox, type ReceivedMail } from "./mail/memory-mailbox.ts";
export type { Mail, MailAddress, Mailer, MailOutcome } from "./mail/port.ts";
export type { StartServerOptions } from "./options.ts";
export { type RunningServer, startServer } from "./start-server.ts";
export type { Templates } from "./templates.ts";
export type { Hostile } from "./testbed/hostile/hostile.ts";
export type { HostileKind, HostileMatch, HostileRule } from "./testbed/hostile/rule.ts";
