import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAuthority } from "../../../../test/support/certificates.ts";
import { Arguments } from "../../src/cli/arguments.ts";
import { main } from "../../src/cli/main.ts";
import { type CliOption, runOptions } from "../../src/cli/option.ts";
import { runServerOptions } from "../../src/cli/run.ts";

/** Every option of the official `run`, with its variable and, for those with a value, one that it takes. */
const official: readonly (readonly [option: string, variable: string | null, value?: string])[] = [
  ["host", "PARSEC_HOST", "127.0.0.1"],
  ["port", "PARSEC_PORT", "6777"],
  ["db", "PARSEC_DB", "MOCKED"],
  ["db-min-connections", "PARSEC_DB_MIN_CONNECTIONS", "1"],
  ["db-max-connections", "PARSEC_DB_MAX_CONNECTIONS", "7"],
  ["skip-database-migrations-check", "PARSEC_SKIP_DATABASE_MIGRATIONS_CHECK"],
  ["maximum-database-connection-attempts", "PARSEC_MAXIMUM_DATABASE_CONNECTION_ATTEMPTS", "10"],
  ["pause-before-retry-database-connection", "PARSEC_PAUSE_BEFORE_RETRY_DATABASE_CONNECTION", "1.0"],
  ["blockstore", "PARSEC_BLOCKSTORE", "MOCKED"],
  ["administration-token", "PARSEC_ADMINISTRATION_TOKEN", "s3cr3t"],
  ["account-config", "PARSEC_ACCOUNT_CONFIG", "ENABLED_WITH_VAULT"],
  ["advisory-device-file-protection", "PARSEC_ADVISORY_DEVICE_FILE_PROTECTION", "PASSWORD+TOTP"],
  ["cryptpad-server-url", "PARSEC_CRYPTPAD_SERVER_URL", "https://cryptpad.example"],
  ["openbao-secret-mount-path", "PARSEC_OPENBAO_SECRET_MOUNT_PATH", "secret"],
  ["openbao-transit-mount-path", "PARSEC_OPENBAO_TRANSIT_MOUNT_PATH", "transit"],
  ["openbao-auth-pro-connect", "PARSEC_OPENBAO_AUTH_PRO_CONNECT_MOUNT_PATH", "auth/p"],
  ["openbao-auth-hexagone", "PARSEC_OPENBAO_AUTH_HEXAGONE_MOUNT_PATH", "auth/h"],
  ["spontaneous-organization-bootstrap", "PARSEC_SPONTANEOUS_ORGANIZATION_BOOTSTRAP"],
  ["organization-bootstrap-webhook", "PARSEC_ORGANIZATION_BOOTSTRAP_WEBHOOK", "https://hook.example"],
  ["organization-initial-active-users-limit", "PARSEC_ORGANIZATION_INITIAL_ACTIVE_USERS_LIMIT", "10"],
  [
    "organization-initial-user-profile-outsider-allowed",
    "PARSEC_ORGANIZATION_INITIAL_USER_PROFILE_OUTSIDER_ALLOWED",
    "true",
  ],
  [
    "organization-initial-realm-deletion-min-archiving-period",
    "PARSEC_ORGANIZATION_INITIAL_REALM_DELETION_MIN_ARCHIVING_PERIOD",
    "2592000",
  ],
  ["organization-initial-tos", "PARSEC_ORGANIZATION_INITIAL_TOS", "en:https://tos.example"],
  ["validation-email-rate-limit", "PARSEC_VALIDATION_EMAIL_RATE_LIMIT", "60 3"],
  ["fake-account-password-algorithm-seed", "PARSEC_FAKE_ACCOUNT_PASSWORD_ALGORITHM_SEED", "F4k3"],
  ["server-addr", "PARSEC_SERVER_ADDR", "parsec3://parsec.example"],
  ["email-host", "PARSEC_EMAIL_HOST", "MOCKED"],
  ["email-port", "PARSEC_EMAIL_PORT", "25"],
  ["email-host-user", "PARSEC_EMAIL_HOST_USER", "user"],
  ["email-host-password", "PARSEC_EMAIL_HOST_PASSWORD", "password"],
  ["email-use-ssl", "PARSEC_EMAIL_USE_SSL"],
  ["email-use-tls", "PARSEC_EMAIL_USE_TLS"],
  ["email-sender", "PARSEC_EMAIL_SENDER", "no-reply@parsec.example"],
  ["proxy-trusted-addresses", "PARSEC_PROXY_TRUSTED_ADDRESSES", "10.0.0.0/8"],
  ["ssl-ciphers", "PARSEC_SSL_CIPHERS", "TLSv1"],
  ["log-level", "PARSEC_LOG_LEVEL", "WARNING"],
  ["log-format", "PARSEC_LOG_FORMAT", "JSON"],
  ["log-file", "PARSEC_LOG_FILE", "-"],
  ["sentry-dsn", "PARSEC_SENTRY_DSN", "https://sentry.example"],
  ["sentry-environment", "PARSEC_SENTRY_ENVIRONMENT", "production"],
  ["sentry-traces-sample-rate", "PARSEC_SENTRY_TRACES_SAMPLE_RATE", "0"],
  ["sentry-profiles-sample-rate", "PARSEC_SENTRY_PROFILES_SAMPLE_RATE", "0"],
  ["sse-keepalive", "PARSEC_SSE_KEEPALIVE", "30"],
  ["cors-allow-origins", "PARSEC_CORS_ALLOW_ORIGINS", "https://app.example"],
  ["debug", "DEBUG"],
  ["dev", null],
];

/** Those that need another option, or a file: their own tests follow. */
const officialTogether: readonly (readonly [option: string, variable: string])[] = [
  ["openbao-server-url", "PARSEC_OPENBAO_SERVER_URL"],
  ["trusted-x509-root-dir", "PARSEC_TRUSTED_X509_ROOT_DIR"],
  ["scws-idopte-public-keys-file", "PARSEC_SCWS_IDOPTE_PUBLIC_KEYS_FILE"],
  ["scws-web-application-private-key-file", "PARSEC_SCWS_WEB_APPLICATION_PRIVATE_KEY_FILE"],
  ["scws-web-application-private-key-content", "PARSEC_SCWS_WEB_APPLICATION_PRIVATE_KEY_CONTENT"],
  ["template-dir", "PARSEC_TEMPLATE_DIR"],
  ["ssl-keyfile", "PARSEC_SSL_KEYFILE"],
  ["ssl-certfile", "PARSEC_SSL_CERTFILE"],
  ["with-client-web-app", "PARSEC_WITH_CLIENT_WEB_APP"],
];

const read = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runServerOptions(Arguments.parse(runOptions, argv, env));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parsec-options-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe("of the official server", () => {
  for (const [option, variable, value] of official) {
    test(`--${option}`, () => {
      const given = value === undefined ? [`--${option}`] : [`--${option}`, value];
      const byOption = read(["--dev", ...given]);
      expect(byOption.dev).toBe(true);
      if (variable === null) return;
      // Options hold objects of their own: what they tell is the same.
      expect(JSON.stringify(read(["--dev"], { [variable]: value ?? "true" }))).toBe(JSON.stringify(byOption));
    });
  }

  test.each(officialTogether)("--%s, or %s, is known", (option, variable) => {
    const known: readonly CliOption[] = runOptions;
    expect(known.find(({ name }) => name === option)?.env).toBe(variable);
  });

  test("short forms", () => {
    const { host, port } = read(["--dev", "-H", "::1", "-P", "1"]);
    expect([host, port]).toEqual(["::1", 1]);
    expect(() => read(["--dev", "-b", "MOCKED", "-l", "INFO", "-f", "JSON", "-o", "-"])).not.toThrow();
  });
});

test("proxies are those of the option, else of its variable, else of the one that other servers read", () => {
  const trusts = (address: string, argv: readonly string[], env: Readonly<Record<string, string>>) =>
    read(["--dev", ...argv], env).config?.trustedProxies?.trusts(address);
  const shared = { FORWARDED_ALLOW_IPS: "10.0.0.1,10.0.0.2" };
  expect(trusts("10.0.0.2", [], shared)).toBe(true);
  expect(trusts("10.0.0.2", [], { ...shared, PARSEC_PROXY_TRUSTED_ADDRESSES: "10.0.0.3" })).toBe(false);
  expect(trusts("10.0.0.4", ["--proxy-trusted-addresses", "10.0.0.4"], shared)).toBe(true);
  expect(trusts("192.0.2.1", [], { FORWARDED_ALLOW_IPS: "*" })).toBe(true);
});

test("the key for smart cards as a file or as it is, never both", () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const service = file("keys.pem", keys.publicKey.export({ type: "spki", format: "pem" }).toString());
  const services = ["--dev", "--scws-idopte-public-keys-file", service];
  const asFile = ["--scws-web-application-private-key-file", file("key.pem", pem)];
  const asContent = ["--scws-web-application-private-key-content", pem];
  for (const key of [asFile, asContent]) {
    expect(read([...services, ...key]).config?.scws).toMatchObject({ webApplicationKeyPem: pem });
  }
  expect(() => read([...services, ...asFile, ...asContent])).toThrow(/exclude each other/);
  expect(() => read(["--dev", ...asContent])).toThrow(/go together/);
  expect(() => read(services)).toThrow(/go together/);
});

test("ciphers are those of OpenSSL, with commas", () => {
  const { key, cert } = createAuthority().issue("localhost");
  const files = ["--ssl-keyfile", file("key.pem", key), "--ssl-certfile", file("cert.pem", cert)];
  const ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-RSA-AES128-GCM-SHA256";
  expect(read(["--dev", ...files, "--ssl-ciphers", ciphers]).tls).toEqual({
    key,
    cert,
    ciphers: ciphers.replace(",", ":"),
  });
});

test("ciphers or certificates that are of no use end the start", async () => {
  const [one, other] = [createAuthority().issue("localhost"), createAuthority().issue("localhost")];
  const cert = file("cert.pem", one.cert);
  const start = async (...argv: readonly string[]) => {
    const errors: string[] = [];
    const terminal = { env: {}, print: () => undefined, printError: (line: string) => errors.push(line) };
    const run = ["run", "--dev", "--port", "0", "--ssl-certfile", cert, ...argv];
    const code = await main({ ...terminal, argv: run, stopped: Promise.resolve() });
    return [code, errors.join("\n")];
  };
  const useless = [2, expect.stringMatching(/^tls: the certificate, its key or the list of ciphers/)];
  expect(await start("--ssl-keyfile", file("other.pem", other.key))).toEqual(useless);
  expect(await start("--ssl-keyfile", file("key.pem", one.key), "--ssl-ciphers", "ROT13")).toEqual(useless);
  expect(await start("--ssl-keyfile", file("key.pem", one.key))).toEqual([0, ""]);
});

test("root certificates are looked at, in folders of folders too", () => {
  mkdirSync(join(folder, "roots/more"), { recursive: true });
  file("roots/a.pem", createAuthority().pem);
  file("roots/more/b.pem", `two of them\n${createAuthority().pem}${createAuthority().pem}`);
  const argv = ["--dev", "--trusted-x509-root-dir", join(folder, "roots")];
  expect(() => read(argv)).not.toThrow();
  file("roots/more/c.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect(() => read(argv)).toThrow(/damaged certificate: .*c\.pem/);
  file("roots/more/c.pem", "nothing");
  expect(() => read(argv)).toThrow(/without certificate: .*c\.pem/);
  expect(() => read(["--dev", "--trusted-x509-root-dir", join(folder, "nowhere")])).toThrow(/expects a folder/);
});

describe("templates", () => {
  const mails = [
    "user_invitation",
    "device_invitation",
    "shamir_invitation",
    "account_creation",
    "account_deletion",
    "account_recovery",
    "enrollment_accepted",
    "totp_reset",
  ];

  function writeTemplates(): readonly string[] {
    mkdirSync(join(folder, "email"), { recursive: true });
    file("index.html", "<h1>Ours</h1>");
    file("404.html", "<h1>Lost</h1>");
    for (const mail of mails) {
      for (const kind of ["html", "txt"]) file(`email/${mail}.${kind}.j2`, `${mail} as ${kind}\n`);
    }
    return ["--dev", "--template-dir", folder];
  }

  test("replace pages and mails; values are escaped in HTML alone", () => {
    const argv = writeTemplates();
    file("email/user_invitation.html.j2", "<b>{{ greeter }}</b> {{organization}} <a href='{{ url }}'>");
    file("email/user_invitation.txt.j2", "{{ greeter }}: {{ url }}");
    const templates = read(argv).config?.templates;
    const message = {
      about: "user_invitation",
      organization: "Acme",
      greeter: "<Al & {{ url }}>",
      url: "u?a=1&b",
    } as const;
    expect(templates?.html(message)).toBe("<b>&lt;Al &amp; {{ url }}&gt;</b> Acme <a href='u?a=1&amp;b'>");
    expect(templates?.text(message)).toBe("<Al & {{ url }}>: u?a=1&b");
    expect([templates?.landingPage, templates?.notFoundPage]).toEqual(["<h1>Ours</h1>", "<h1>Lost</h1>"]);
  });

  test("are all there, and say nothing that would be left out", () => {
    const argv = writeTemplates();
    rmSync(join(folder, "email/totp_reset.txt.j2"));
    expect(() => read(argv)).toThrow(/cannot read email\/totp_reset\.txt\.j2/);
    for (const text of ["{{ password }}", "{% if url %}", "{{ url | upper }}", "{# note #}"]) {
      file("email/totp_reset.txt.j2", text);
      expect(() => read(argv)).toThrow(/email\/totp_reset\.txt\.j2 (knows organization, url, not|understands)/);
    }
  });
});
