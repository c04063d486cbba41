import { type ServerAddress } from "@parsec/types";
import { advisoryProtections, unknownProtection } from "./advisory-protection.ts";
import { defaultConfig, type OpenBaoConfig, type ServerConfig } from "./config.ts";
import { StartServerError } from "./errors.ts";
import type { StartServerOptions } from "./options.ts";
import { parseWebhookUrl } from "./webhooks/url.ts";

/** The token of development servers, as the reference has it. */
const developmentToken = "s3cr3t";

/** The settings that options ask for. @throws StartServerError `ADMINISTRATION_TOKEN_MISSING`, `BAD_OPTION` */
export function startConfig(options: StartServerOptions): ServerConfig {
  const development = options.dev === true || options.testbed === true;
  const administrationToken = options.administrationToken ?? (development ? developmentToken : undefined);
  if (administrationToken === undefined) {
    const message = "Give an administration token, or `dev: true` for a server that anybody here may administrate";
    throw new StartServerError("ADMINISTRATION_TOKEN_MISSING", message);
  }
  const forDevelopment = development ? { debug: true, corsAllowOrigins: ["*"] } : {};
  checkConfig(options.config ?? {});
  // The mailbox in memory gets its mails at once.
  const mailReplyDelay = options.mailer === undefined ? 0 : defaultConfig.mailReplyDelay;
  return { ...defaultConfig, ...forDevelopment, administrationToken, mailReplyDelay, ...options.config };
}

/** @throws StartServerError `BAD_OPTION` */
function checkConfig({ bootstrapWebhook = null, advisoryDeviceFileProtection = [] }: Partial<ServerConfig>): void {
  if (bootstrapWebhook !== null && parseWebhookUrl(bootstrapWebhook) === undefined) {
    throw new StartServerError("BAD_OPTION", "bootstrapWebhook: give an http(s) URL without name and password");
  }
  if (unknownProtection(advisoryDeviceFileProtection) !== undefined) {
    const message = `advisoryDeviceFileProtection: give some of ${advisoryProtections.join(", ")}`;
    throw new StartServerError("BAD_OPTION", message);
  }
}

/** The settings that are only known once the server listens: by default clients use the address that it listens on. */
export function listeningConfig(
  config: ServerConfig,
  {
    url,
    address,
    fakesOpenBao,
  }: { readonly url: string; readonly address: ServerAddress; readonly fakesOpenBao: boolean },
): ServerConfig {
  return {
    ...config,
    serverAddress: config.serverAddress ?? address,
    openbao: fakesOpenBao ? fakeOpenBao(url) : config.openbao,
  };
}

/** The testbed's own (spec 08c §9.1). */
function fakeOpenBao(url: string): OpenBaoConfig {
  return {
    serverUrl: `${url}/testbed/mock/openbao`,
    secretMountPath: "secret",
    transitMountPath: "transit",
    auths: [
      { id: "HEXAGONE", mountPath: "auth/hexagone" },
      { id: "PRO_CONNECT", mountPath: "auth/pro_connect" },
    ],
  };
}
