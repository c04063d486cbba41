import type { DateTime, ServerLocation } from "@parsec/types";
import { TrustedProxies } from "./http/trusted-proxies.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { MailLanguage } from "./mail/layout.ts";
import type { AllowedClientAgent } from "./store/port/organizations.ts";
import type { Templates } from "./templates.ts";

/** Where the OpenBao of this server's users is, told to clients (spec 08b §2.1). */
export interface OpenBaoConfig {
  readonly serverUrl: string;
  readonly secretMountPath: string;
  readonly transitMountPath: string;
  readonly auths: readonly { readonly id: "HEXAGONE" | "PRO_CONNECT"; readonly mountPath: string }[];
}

/** The keys of the smart card middleware's challenges (spec 08b §2.7). */
export interface ScwsConfig {
  /** RSA keys of the service in the order of its file, SPKI in PEM. */
  readonly serviceKeys: readonly { readonly pem: string; readonly revoked: boolean }[];
  /** RSA key of the web application, PKCS#8 in PEM. */
  readonly webApplicationKeyPem: string;
}

export type AccountConfig = "DISABLED" | "ENABLED_WITHOUT_VAULT" | "ENABLED_WITH_VAULT";

/** What the server does, once options and environment have been read (spec 08c §3). */
export interface ServerConfig {
  /** The address that clients use: in e-mails and redirections. Null: no redirection, no link in e-mails. */
  readonly serverAddress: ServerLocation | null;
  readonly administrationToken: string;
  /** Registers the `ping` commands. */
  readonly debug: boolean;
  readonly spontaneousBootstrap: boolean;
  /** Called after each bootstrap. */
  readonly bootstrapWebhook: string | null;
  readonly initialActiveUsersLimit: number | null;
  readonly initialUserProfileOutsiderAllowed: boolean;
  /** Seconds. */
  readonly initialMinimumArchivingPeriod: number;
  readonly initialTos: ReadonlyMap<string, string> | null;
  readonly initialAllowedClientAgent: AllowedClientAgent;
  readonly account: AccountConfig;
  readonly advisoryDeviceFileProtection: readonly string[];
  readonly openbao: OpenBaoConfig | null;
  readonly cryptpadServerUrl: string | null;
  readonly scws: ScwsConfig | null;
  /** Pages and mails of the operator; null for ours. */
  readonly templates: Templates | null;
  readonly emailSender: string;
  readonly emailLanguage: MailLanguage;
  /** `cooldown` in seconds; 0 mails an hour is no limit (spec 08c §6.3). */
  readonly emailRateLimit: { readonly cooldown: number; readonly maxPerHour: number };
  /**
   * Milliseconds after which a code asked for by mail is answered, whatever the mail server does, so that the time of the
   * reply tells nothing about the address. Short for a person, long enough for a mail server to refuse. 0: as soon as the
   * mail is sent, where that takes no time.
   */
  readonly mailReplyDelay: number;
  /** Seconds of silence after which a stream gets a keepalive; null for never. */
  readonly sseKeepalive: number | null;
  /** How many events are kept for clients that reconnect. */
  readonly sseEventsCacheSize: number;
  readonly corsAllowOrigins: readonly string[];
  /** Folder of a web application to serve under `/client/`. */
  readonly webAppDirectory: string | null;
  /** Value of the `Server` header. */
  readonly serverHeader: string;
  readonly trustedProxies: TrustedProxies;
  /** Milliseconds that a client has to send its headers and body. */
  readonly requestTimeout: number;
  /** Milliseconds after which a response of which nothing is read is cut. */
  readonly responseTimeout: number;
  /** Milliseconds that requests under way have to end when the server stops (spec 08c §2.5). */
  readonly stopGrace: number;
  readonly limits: Limits;
  /** More connections than this at once are refused, so that a flood takes bounded memory. */
  readonly maxConnections: number;
}

/** Default of the reference: thirty days. */
const thirtyDays = 30 * 24 * 3600;

export const defaultConfig: Omit<ServerConfig, "administrationToken"> = {
  serverAddress: null,
  debug: false,
  spontaneousBootstrap: false,
  bootstrapWebhook: null,
  initialActiveUsersLimit: null,
  initialUserProfileOutsiderAllowed: true,
  initialMinimumArchivingPeriod: thirtyDays,
  initialTos: null,
  initialAllowedClientAgent: "NATIVE_OR_WEB",
  account: "DISABLED",
  advisoryDeviceFileProtection: [],
  openbao: null,
  cryptpadServerUrl: null,
  scws: null,
  templates: null,
  emailSender: "no-reply@parsec.com",
  emailLanguage: "en",
  emailRateLimit: { cooldown: 60, maxPerHour: 3 },
  mailReplyDelay: 1000,
  sseKeepalive: 30,
  sseEventsCacheSize: 1024,
  corsAllowOrigins: [],
  webAppDirectory: null,
  serverHeader: "parsec/3",
  trustedProxies: new TrustedProxies(["127.0.0.1", "::1"]),
  requestTimeout: 30_000,
  responseTimeout: 30_000,
  stopGrace: 10_000,
  limits: defaultLimits,
  maxConnections: 10_000,
};

/** The settings of a new organization. */
export function initialSettings(config: Omit<ServerConfig, "administrationToken">, now: DateTime) {
  return {
    isExpired: false,
    activeUsersLimit: config.initialActiveUsersLimit,
    userProfileOutsiderAllowed: config.initialUserProfileOutsiderAllowed,
    realmMinimumArchivingPeriodBeforeDeletion: config.initialMinimumArchivingPeriod,
    tos: config.initialTos === null ? null : { perLocaleUrls: config.initialTos, updatedOn: now },
    allowedClientAgent: config.initialAllowedClientAgent,
  };
}
