import { existsSync, readFileSync, statSync } from "node:fs";
import { ParsecError } from "@parsec/base";
import { parseAddress, parseServerHttpUrl, type ServerLocation } from "@parsec/types";
import { advisoryProtections, unknownProtection } from "../advisory-protection.ts";
import type { OpenBaoConfig, ScwsConfig, ServerConfig } from "../config.ts";
import { StartServerError } from "../errors.ts";
import type { TlsOptions } from "../http/listen.ts";
import { TrustedProxies } from "../http/trusted-proxies.ts";
import type { Mailer } from "../mail/port.ts";
import { SmtpMailer } from "../mail/smtp.ts";
import type { StartServerOptions } from "../options.ts";
import { loadTemplates } from "../templates.ts";
import { parseWebhookUrl } from "../webhooks/url.ts";
import { type Arguments, badOption } from "./arguments.ts";
import { databaseLocationOf, databaseOptionsOf } from "./database.ts";
import { checkX509Roots } from "./x509-roots.ts";

const defaultPort = 6777;
const defaultTestbedPort = 6770;

/** The options of `startServer` that a command line of `run` asks for. @throws StartServerError */
export function runServerOptions(args: Arguments): StartServerOptions {
  const dev = args.bool("dev") ?? false;
  const administrationToken = args.text("administration-token");
  if (!dev && administrationToken === undefined) {
    const message = "Give --administration-token, or --dev for a server that anybody here may administrate";
    throw new StartServerError("ADMINISTRATION_TOKEN_MISSING", message);
  }
  // Nobody could ever send it: a header ends at a space.
  if (administrationToken !== undefined && !/^[\x21-\x7e]+$/.test(administrationToken)) {
    throw badOption("administration-token", "expects letters, digits and signs, without spaces");
  }
  const blocks = args.texts("blockstore");
  const partialCreate = args.bool("blockstore-partial-create");
  const db = args.text("db");
  const database = databaseOptionsOf(args);
  databaseLocationOf(args);
  if (!dev && db === undefined) {
    throw badOption(
      "db",
      "is needed: sqlite:FILE, postgresql://…, or MOCKED for a server that forgets all when it ends",
    );
  }
  const tls = tlsOf(args);
  const mailer = mailerOf(args);
  const metrics = metricsOf(args);
  for (const folder of args.texts("trusted-x509-root-dir")) checkX509Roots(folder);
  return {
    dev,
    host: args.text("host") ?? "127.0.0.1",
    port: args.port("port") ?? defaultPort,
    ...(administrationToken === undefined ? {} : { administrationToken }),
    ...(db === undefined ? {} : { db, database }),
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(partialCreate === undefined ? {} : { partialCreate }),
    ...(tls === undefined ? {} : { tls }),
    ...(mailer === undefined ? {} : { mailer }),
    ...(metrics === undefined ? {} : { metrics }),
    config: configOf(args),
  };
}

/** The options of `startServer` that a command line of `testbed` asks for. @throws StartServerError */
export function testbedServerOptions(args: Arguments): StartServerOptions {
  const address = args.text("server-addr");
  const config = {
    ...(address === undefined ? {} : { serverAddress: locationOf("server-addr", address) }),
    ...(args.bool("no-openbao") === true ? { openbao: null } : {}),
  };
  return {
    testbed: true,
    host: args.text("host") ?? "127.0.0.1",
    port: args.port("port") ?? defaultTestbedPort,
    config,
  };
}

function configOf(args: Arguments): Partial<ServerConfig> {
  const keepalive = args.integer("sse-keepalive");
  const origins = args.texts("cors-allow-origins");
  const settings: { readonly [K in keyof ServerConfig]?: ServerConfig[K] | undefined } = {
    serverAddress: optional(args.text("server-addr"), (text) => locationOf("server-addr", text)),
    debug: args.bool("debug"),
    spontaneousBootstrap: args.bool("spontaneous-organization-bootstrap"),
    bootstrapWebhook: optional(args.text("organization-bootstrap-webhook"), webhookUrlOf),
    initialActiveUsersLimit: args.count("organization-initial-active-users-limit"),
    initialUserProfileOutsiderAllowed: args.bool("organization-initial-user-profile-outsider-allowed"),
    initialMinimumArchivingPeriod: args.count("organization-initial-realm-deletion-min-archiving-period"),
    initialTos: optional(args.text("organization-initial-tos"), tosOf),
    initialAllowedClientAgent: args.oneOf("organization-initial-allowed-client-agent", [
      "NATIVE_ONLY",
      "NATIVE_OR_WEB",
    ]),
    account: args.oneOf("account-config", ["DISABLED", "ENABLED_WITHOUT_VAULT", "ENABLED_WITH_VAULT"]),
    advisoryDeviceFileProtection: protectionsOf(args),
    cryptpadServerUrl: args.text("cryptpad-server-url"),
    openbao: openbaoOf(args),
    emailRateLimit: optional(args.text("validation-email-rate-limit"), rateLimitOf),
    emailSender: args.text("email-sender"),
    emailLanguage: args.oneOf("email-language", ["en", "fr"]),
    trustedProxies: optional(args.text("proxy-trusted-addresses"), trustedProxiesOf),
    scws: scwsOf(args),
    templates: optional(args.text("template-dir"), loadTemplates),
    sseKeepalive: keepalive === undefined ? undefined : keepalive > 0 ? keepalive : null,
    webAppDirectory: optional(args.text("with-client-web-app"), (path) => directoryOf("with-client-web-app", path)),
    corsAllowOrigins: origins.length === 0 ? undefined : origins,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** A `parsec3://` address, or the http(s) one that it stands for. */
function locationOf(name: string, text: string): ServerLocation {
  try {
    return text.startsWith("http") ? parseServerHttpUrl(text) : parseAddress("server", text);
  } catch (error) {
    if (ParsecError.is(error)) throw badOption(name, "expects parsec3://HOST[:PORT][?no_ssl=true]");
    throw error;
  }
}

/** `<locale>:<url>,…`; a backslash keeps a comma in a URL. */
function tosOf(text: string): ReadonlyMap<string, string> {
  const items = text.split(/(?<!\\),/).map((item) => item.replaceAll("\\,", ","));
  return new Map(
    items.map((item) => {
      const [, locale, url] = /^([^:]+):(.+)$/.exec(item) ?? [];
      if (locale === undefined || url === undefined)
        throw badOption("organization-initial-tos", "expects LOCALE:URL,…");
      return [locale, url] as const;
    }),
  );
}

function protectionsOf(args: Arguments): readonly string[] {
  const name = "advisory-device-file-protection";
  const texts = args.texts(name);
  if (unknownProtection(texts) !== undefined) throw badOption(name, `expects one of ${advisoryProtections.join(", ")}`);
  return texts;
}

function webhookUrlOf(text: string): string {
  if (parseWebhookUrl(text) !== undefined) return text;
  throw badOption("organization-bootstrap-webhook", "expects an http(s) URL, without name and password");
}

function rateLimitOf(text: string): ServerConfig["emailRateLimit"] {
  const [, cooldown, maxPerHour] = /^\s*(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  if (cooldown === undefined || maxPerHour === undefined) {
    throw badOption("validation-email-rate-limit", "expects two whole numbers");
  }
  return { cooldown: Number(cooldown), maxPerHour: Number(maxPerHour) };
}

function trustedProxiesOf(text: string): TrustedProxies {
  try {
    return new TrustedProxies(text.split(",").map((part) => part.trim()));
  } catch (error) {
    if (error instanceof RangeError) throw badOption("proxy-trusted-addresses", "expects ADDRESS[/BITS],… or *");
    throw error;
  }
}

/** The public keys' file may hold any text around its PEM blocks; `!REVOKED!` in a block revokes its key. */
function scwsOf(args: Arguments): ScwsConfig | undefined {
  const [publicKeys, privateKeyFile, content] = [
    args.text("scws-idopte-public-keys-file"),
    args.text("scws-web-application-private-key-file"),
    args.text("scws-web-application-private-key-content"),
  ];
  if (privateKeyFile !== undefined && content !== undefined) {
    throw badOption(
      "scws-web-application-private-key-file",
      "and --scws-web-application-private-key-content exclude each other",
    );
  }
  const privateKey =
    privateKeyFile === undefined ? content : fileOf("scws-web-application-private-key-file", privateKeyFile);
  if (publicKeys === undefined && privateKey === undefined) return undefined;
  if (publicKeys === undefined || privateKey === undefined) {
    throw badOption("scws-idopte-public-keys-file", "and --scws-web-application-private-key-… go together");
  }
  const text = fileOf("scws-idopte-public-keys-file", publicKeys);
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  return {
    serviceKeys: blocks.map((block) => ({
      pem: block.replace("!REVOKED!", ""),
      revoked: block.includes("!REVOKED!"),
    })),
    webApplicationKeyPem: privateKey,
  };
}

function openbaoOf(args: Arguments): OpenBaoConfig | undefined {
  const serverUrl = args.text("openbao-server-url");
  if (serverUrl === undefined) return undefined;
  const hexagone = args.text("openbao-auth-hexagone");
  const proConnect = args.text("openbao-auth-pro-connect");
  const auths = [
    ...(hexagone === undefined ? [] : [{ id: "HEXAGONE", mountPath: hexagone } as const]),
    ...(proConnect === undefined ? [] : [{ id: "PRO_CONNECT", mountPath: proConnect } as const]),
  ];
  if (auths.length === 0) throw badOption("openbao-server-url", "needs an authentication: --openbao-auth-…");
  return {
    serverUrl,
    secretMountPath: args.text("openbao-secret-mount-path") ?? "secret",
    transitMountPath: args.text("openbao-transit-mount-path") ?? "transit",
    auths,
  };
}

function mailerOf(args: Arguments): Mailer | undefined {
  const host = args.text("email-host");
  if (host === undefined || host.toUpperCase() === "MOCKED") return undefined;
  const [user, password] = [args.text("email-host-user"), args.text("email-host-password")];
  const authority = args.text("email-ca-file");
  return new SmtpMailer({
    host,
    port: args.port("email-port") ?? 25,
    implicitTls: args.bool("email-use-ssl") ?? false,
    startTls: args.bool("email-use-tls") ?? false,
    ...(authority === undefined ? {} : { authority: fileOf("email-ca-file", authority) }),
    ...(user === undefined || password === undefined ? {} : { login: { user, password } }),
  });
}

function metricsOf(args: Arguments): StartServerOptions["metrics"] {
  const [host, port] = [args.text("metrics-host"), args.port("metrics-port")];
  if (port === undefined) {
    if (host !== undefined) throw badOption("metrics-host", "needs --metrics-port");
    return undefined;
  }
  return host === undefined ? { port } : { host, port };
}

/** Reads the files, again at each call: certificates are renewed while a server runs. @throws StartServerError */
export function tlsOf(args: Arguments): TlsOptions | undefined {
  const [key, cert] = [args.text("ssl-keyfile"), args.text("ssl-certfile")];
  if (key === undefined && cert === undefined) return undefined;
  if (key === undefined || cert === undefined) throw badOption("ssl-keyfile", "and --ssl-certfile go together");
  const ciphers = args.text("ssl-ciphers")?.replaceAll(",", ":");
  const files = { key: fileOf("ssl-keyfile", key), cert: fileOf("ssl-certfile", cert) };
  return ciphers === undefined ? files : { ...files, ciphers };
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StartServerError("BAD_OPTION", `--${name}: cannot read the file`, { cause });
  }
}

function directoryOf(name: string, path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) throw badOption(name, "expects a folder");
  return path;
}
