/** One option of the command line, that an environment variable may give too (spec 08c §3). */
export interface CliOption {
  /** Without the leading dashes. */
  readonly name: string;
  /** One letter, or none. */
  readonly short?: string;
  readonly env?: string;
  /** Read when `env` is not set: other programs know it too. */
  readonly sharedEnv?: string;
  /** The variable that version 2 read: still accepted, with a notice. */
  readonly formerEnv?: string;
  /** Absent: a switch, without value. */
  readonly value?: string;
  readonly multiple?: boolean;
  /** Given by its place, without a name. */
  readonly positional?: boolean;
  readonly help: string;
}

/** What every command takes: where it tells what. */
export const logOptions = [
  {
    name: "log-level",
    short: "l",
    env: "PARSEC_LOG_LEVEL",
    value: "LEVEL",
    help: "DEBUG, INFO, WARNING, ERROR or CRITICAL (INFO)",
  },
  {
    name: "log-format",
    short: "f",
    env: "PARSEC_LOG_FORMAT",
    value: "FORMAT",
    help: "CONSOLE, CONSOLE_NO_TIMESTAMP or JSON (CONSOLE)",
  },
  {
    name: "log-file",
    short: "o",
    env: "PARSEC_LOG_FILE",
    value: "FILE",
    help: "- for stderr (-); SIGHUP opens it again",
  },
] as const satisfies readonly CliOption[];

const sentryHelp = "accepted, without effect: this server sends no telemetry";

const sentryOptions = [
  { name: "sentry-dsn", env: "PARSEC_SENTRY_DSN", value: "URL", help: sentryHelp },
  { name: "sentry-environment", env: "PARSEC_SENTRY_ENVIRONMENT", value: "NAME", help: sentryHelp },
  { name: "sentry-traces-sample-rate", env: "PARSEC_SENTRY_TRACES_SAMPLE_RATE", value: "RATE", help: sentryHelp },
  { name: "sentry-profiles-sample-rate", env: "PARSEC_SENTRY_PROFILES_SAMPLE_RATE", value: "RATE", help: sentryHelp },
] as const satisfies readonly CliOption[];

/** The options of `run`, in the order of the help. */
export const runOptions = [
  { name: "host", short: "H", env: "PARSEC_HOST", value: "ADDRESS", help: "listening address (127.0.0.1)" },
  { name: "port", short: "P", env: "PARSEC_PORT", value: "PORT", help: "listening port (6777); 0 takes a free one" },
  { name: "dev", help: "for development: in memory, token s3cr3t, ping commands, any web origin" },
  {
    name: "db",
    env: "PARSEC_DB",
    value: "DATABASE",
    help: "where metadata is kept: sqlite:FILE, postgresql://…, or MOCKED for in memory",
  },
  {
    name: "db-min-connections",
    env: "PARSEC_DB_MIN_CONNECTIONS",
    value: "COUNT",
    help: "to PostgreSQL, kept open (1)",
  },
  {
    name: "db-max-connections",
    env: "PARSEC_DB_MAX_CONNECTIONS",
    value: "COUNT",
    help: "to PostgreSQL, at most; 2 or more, since one listens to events (7)",
  },
  {
    name: "skip-database-migrations-check",
    env: "PARSEC_SKIP_DATABASE_MIGRATIONS_CHECK",
    help: "start although migrations are pending",
  },
  {
    name: "maximum-database-connection-attempts",
    env: "PARSEC_MAXIMUM_DATABASE_CONNECTION_ATTEMPTS",
    value: "COUNT",
    help: "failures to connect in a row after which the server ends (10)",
  },
  {
    name: "pause-before-retry-database-connection",
    env: "PARSEC_PAUSE_BEFORE_RETRY_DATABASE_CONNECTION",
    value: "SECONDS",
    help: "between two of them (1)",
  },
  {
    name: "blockstore",
    short: "b",
    env: "PARSEC_BLOCKSTORE",
    value: "PLACE",
    multiple: true,
    help: `where the bytes of blocks are kept; what --db keeps needs one that lasts. A colon inside a part is written \\:
        file:DIR
        POSTGRESQL or SQLITE: in the database of --db
        s3:[ENDPOINT]:REGION:BUCKET:KEY:SECRET
        swift:AUTH_URL:TENANT:CONTAINER:USER:PASSWORD
        raid0:NODE:PLACE, raid1:NODE:PLACE or raid5:NODE:PLACE, given once for each node, from 0 on
        MOCKED: in memory`,
  },
  {
    name: "blockstore-partial-create",
    env: "PARSEC_BLOCKSTORE_PARTIAL_CREATE",
    help: "create a block although a node of a RAID did not take it, as long as it can be read",
  },
  { name: "administration-token", env: "PARSEC_ADMINISTRATION_TOKEN", value: "TOKEN", help: "for /administration" },
  {
    name: "server-addr",
    env: "PARSEC_SERVER_ADDR",
    formerEnv: "PARSEC_BACKEND_ADDR",
    value: "ADDRESS",
    help: "parsec3:// address that clients use, for links (the listening one)",
  },
  {
    name: "spontaneous-organization-bootstrap",
    env: "PARSEC_SPONTANEOUS_ORGANIZATION_BOOTSTRAP",
    help: "anybody may create an organization",
  },
  {
    name: "organization-bootstrap-webhook",
    env: "PARSEC_ORGANIZATION_BOOTSTRAP_WEBHOOK",
    value: "URL",
    help: "called after each bootstrap",
  },
  {
    name: "organization-initial-active-users-limit",
    env: "PARSEC_ORGANIZATION_INITIAL_ACTIVE_USERS_LIMIT",
    value: "COUNT",
    help: "(no limit)",
  },
  {
    name: "organization-initial-user-profile-outsider-allowed",
    env: "PARSEC_ORGANIZATION_INITIAL_USER_PROFILE_OUTSIDER_ALLOWED",
    value: "BOOL",
    help: "(true)",
  },
  {
    name: "organization-initial-realm-deletion-min-archiving-period",
    env: "PARSEC_ORGANIZATION_INITIAL_REALM_DELETION_MIN_ARCHIVING_PERIOD",
    value: "SECONDS",
    help: "(2592000)",
  },
  {
    name: "organization-initial-tos",
    env: "PARSEC_ORGANIZATION_INITIAL_TOS",
    value: "LOCALE:URL,…",
    help: "terms of service; a comma in a URL is written \\,",
  },
  {
    name: "organization-initial-allowed-client-agent",
    env: "PARSEC_ORGANIZATION_INITIAL_ALLOWED_CLIENT_AGENT",
    value: "AGENT",
    help: "NATIVE_ONLY or NATIVE_OR_WEB (NATIVE_OR_WEB)",
  },
  {
    name: "account-config",
    env: "PARSEC_ACCOUNT_CONFIG",
    value: "CONFIG",
    help: "DISABLED, ENABLED_WITHOUT_VAULT or ENABLED_WITH_VAULT: told to clients (DISABLED)",
  },
  {
    name: "advisory-device-file-protection",
    env: "PARSEC_ADVISORY_DEVICE_FILE_PROTECTION",
    value: "NAME",
    multiple: true,
    help: "PASSWORD, KEYRING, PKI, OPENBAO, ACCOUNT_VAULT, with +TOTP or not",
  },
  { name: "cryptpad-server-url", env: "PARSEC_CRYPTPAD_SERVER_URL", value: "URL", help: "told to clients" },
  { name: "openbao-server-url", env: "PARSEC_OPENBAO_SERVER_URL", value: "URL", help: "told to clients" },
  {
    name: "openbao-secret-mount-path",
    env: "PARSEC_OPENBAO_SECRET_MOUNT_PATH",
    value: "PATH",
    help: "(secret)",
  },
  {
    name: "openbao-transit-mount-path",
    env: "PARSEC_OPENBAO_TRANSIT_MOUNT_PATH",
    value: "PATH",
    help: "(transit)",
  },
  {
    name: "openbao-auth-hexagone",
    env: "PARSEC_OPENBAO_AUTH_HEXAGONE_MOUNT_PATH",
    value: "PATH",
    help: "an authentication of that OpenBao",
  },
  {
    name: "openbao-auth-pro-connect",
    env: "PARSEC_OPENBAO_AUTH_PRO_CONNECT_MOUNT_PATH",
    value: "PATH",
    help: "an authentication of that OpenBao",
  },
  {
    name: "validation-email-rate-limit",
    env: "PARSEC_VALIDATION_EMAIL_RATE_LIMIT",
    value: "SECONDS COUNT",
    help: 'pause between account mails, and most of them in an hour ("60 3")',
  },
  { name: "email-host", env: "PARSEC_EMAIL_HOST", value: "HOST", help: "SMTP server, or MOCKED (MOCKED)" },
  { name: "email-port", env: "PARSEC_EMAIL_PORT", value: "PORT", help: "(25)" },
  { name: "email-host-user", env: "PARSEC_EMAIL_HOST_USER", value: "NAME", help: "to log in with" },
  { name: "email-host-password", env: "PARSEC_EMAIL_HOST_PASSWORD", value: "PASSWORD", help: "to log in with" },
  {
    name: "email-ca-file",
    env: "PARSEC_EMAIL_CA_FILE",
    value: "FILE",
    help: "authority of the mail server's certificate, in PEM, when it is one of your own",
  },
  { name: "email-use-ssl", env: "PARSEC_EMAIL_USE_SSL", help: "TLS from the start" },
  { name: "email-use-tls", env: "PARSEC_EMAIL_USE_TLS", help: "STARTTLS" },
  { name: "email-sender", env: "PARSEC_EMAIL_SENDER", value: "E-MAIL", help: "(no-reply@parsec.com)" },
  { name: "email-language", env: "PARSEC_EMAIL_LANGUAGE", value: "LANGUAGE", help: "en or fr (en)" },
  {
    name: "proxy-trusted-addresses",
    env: "PARSEC_PROXY_TRUSTED_ADDRESSES",
    sharedEnv: "FORWARDED_ALLOW_IPS",
    value: "ADDRESS[/BITS],…",
    help: "proxies whose X-Forwarded headers are believed; * for all (localhost)",
  },
  {
    name: "trusted-x509-root-dir",
    env: "PARSEC_TRUSTED_X509_ROOT_DIR",
    value: "FOLDER",
    multiple: true,
    help: "certificates in PEM, looked at when the server starts; no check uses them yet",
  },
  {
    name: "scws-idopte-public-keys-file",
    env: "PARSEC_SCWS_IDOPTE_PUBLIC_KEYS_FILE",
    value: "FILE",
    help: "public keys of the smart card middleware, PEM",
  },
  {
    name: "scws-web-application-private-key-file",
    env: "PARSEC_SCWS_WEB_APPLICATION_PRIVATE_KEY_FILE",
    value: "FILE",
    help: "our key for its challenges, PKCS#8 in PEM",
  },
  {
    name: "scws-web-application-private-key-content",
    env: "PARSEC_SCWS_WEB_APPLICATION_PRIVATE_KEY_CONTENT",
    value: "PEM",
    help: "the key itself, in place of its file",
  },
  {
    name: "fake-account-password-algorithm-seed",
    env: "PARSEC_FAKE_ACCOUNT_PASSWORD_ALGORITHM_SEED",
    value: "SEED",
    help: "accepted, without effect, as in the official server",
  },
  {
    name: "template-dir",
    env: "PARSEC_TEMPLATE_DIR",
    value: "FOLDER",
    help: "pages and mails in place of all of ours: index.html, 404.html, email/*.html.j2, email/*.txt.j2",
  },
  { name: "ssl-keyfile", env: "PARSEC_SSL_KEYFILE", value: "FILE", help: "with --ssl-certfile: speak HTTPS" },
  {
    name: "ssl-certfile",
    env: "PARSEC_SSL_CERTFILE",
    value: "FILE",
    help: "with --ssl-keyfile: speak HTTPS; SIGHUP reads both again",
  },
  {
    name: "ssl-ciphers",
    env: "PARSEC_SSL_CIPHERS",
    value: "CIPHER,…",
    help: "as OpenSSL names them (those of Node)",
  },
  {
    name: "sse-keepalive",
    env: "PARSEC_SSE_KEEPALIVE",
    value: "SECONDS",
    help: "pause between signs of life of event streams; 0 or less for none (30)",
  },
  {
    name: "with-client-web-app",
    env: "PARSEC_WITH_CLIENT_WEB_APP",
    value: "FOLDER",
    help: "web application to serve under /client/",
  },
  {
    name: "cors-allow-origins",
    env: "PARSEC_CORS_ALLOW_ORIGINS",
    value: "ORIGIN",
    multiple: true,
    help: "web origins that may call; * for all (none)",
  },
  {
    name: "metrics-host",
    env: "PARSEC_METRICS_HOST",
    value: "ADDRESS",
    help: "listening address of --metrics-port (127.0.0.1)",
  },
  {
    name: "metrics-port",
    env: "PARSEC_METRICS_PORT",
    value: "PORT",
    help: "where Prometheus reads /metrics, without token; 0 takes a free one (none)",
  },
  ...sentryOptions,
  ...logOptions,
  { name: "debug", env: "DEBUG", help: "ping commands" },
] as const satisfies readonly CliOption[];

/** Those of `run` that say which database, and how to reach it. */
const databaseOptionNames: readonly string[] = [
  "db",
  "db-min-connections",
  "db-max-connections",
  "maximum-database-connection-attempts",
  "pause-before-retry-database-connection",
];

export const databaseOptions: readonly CliOption[] = runOptions.filter(({ name }) =>
  databaseOptionNames.includes(name),
);

export const blockStoreOptions: readonly CliOption[] = runOptions.filter(({ name }) => name === "blockstore");

/** The options of `migrate`. */
export const migrateOptions: readonly CliOption[] = [
  ...databaseOptions,
  { name: "dry-run", help: "tell what would be done, and do nothing" },
  ...logOptions,
];

/** The options of `copy`. */
export const copyOptions: readonly CliOption[] = [
  {
    name: "from",
    env: "PARSEC_COPY_FROM",
    value: "DATABASE",
    help: "what to copy: sqlite:FILE, postgresql://… or dump:FILE.json, the dump of an organization",
  },
  {
    name: "to",
    env: "PARSEC_COPY_TO",
    value: "DATABASE",
    help: "where to: a new, empty one, or the one of a try that has not ended",
  },
  {
    name: "from-blockstore",
    env: "PARSEC_COPY_FROM_BLOCKSTORE",
    value: "PLACE",
    multiple: true,
    help: "where the bytes of blocks are, as for --blockstore of run; without it those in the database alone are copied",
  },
  { name: "organization", value: "NAME", help: "with dump:FILE.json: the organization that it becomes" },
  { name: "to-blockstore", env: "PARSEC_COPY_TO_BLOCKSTORE", value: "PLACE", multiple: true, help: "where they go to" },
  ...databaseOptions.filter(({ name }) => name !== "db"),
  ...logOptions,
];

/** The options of `testbed`. */
export const testbedOptions = [
  { name: "host", short: "H", env: "PARSEC_HOST", value: "ADDRESS", help: "listening address (127.0.0.1)" },
  { name: "port", short: "P", env: "PARSEC_PORT", value: "PORT", help: "listening port (6770); 0 takes a free one" },
  { name: "server-addr", env: "PARSEC_SERVER_ADDR", value: "ADDRESS", help: "address that clients use, for links" },
  { name: "no-openbao", help: "do not announce the fake OpenBao" },
  ...logOptions,
] as const satisfies readonly CliOption[];
