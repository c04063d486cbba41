import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Arguments } from "../../src/cli/arguments.ts";
import { main } from "../../src/cli/main.ts";
import { runOptions } from "../../src/cli/option.ts";
import { runServerOptions } from "../../src/cli/run.ts";
import { startServer } from "../../src/index.ts";

interface Run {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await main({
    argv,
    env,
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stopped: Promise.resolve(),
  });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

test("run starts a server, says where, and stops it", async () => {
  const { code, out } = await run(["run", "--dev", "--port", "0"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^Starting Parsec server on http:\/\/127\.0\.0\.1:\d+ \(db=MOCKED .*\)\nbye ;-\)$/);
});

test("the start line shows the configured address, in either form", async () => {
  for (const address of ["parsec3://parsec.example:1234?no_ssl=true", "http://parsec.example:1234"]) {
    const { code, out } = await run(["run", "--dev", "--port", "0", "--server-addr", address]);
    expect(code).toBe(0);
    expect(out).toContain("server_addr=parsec3://parsec.example:1234?no_ssl=true)");
  }
});

test("a port that is taken is no misuse", async () => {
  await using server = await startServer({ dev: true });
  const { code, errors } = await run(["run", "--dev", "--port", String(server.port)]);
  expect([code, errors]).toEqual([1, `Port ${server.port} of 127.0.0.1 is taken: give another port`]);
});

test("testbed says that it is one", async () => {
  const { out } = await run(["testbed", "--port", "0"]);
  expect(out).toContain("mode=testbed");
});

test("help, for each command, with every option and its variable", async () => {
  expect((await run(["--help"])).out).toContain("parsec-server run --dev");
  const { code, out } = await run(["run", "--help"]);
  expect(code).toBe(0);
  for (const { name } of runOptions) expect(out).toContain(`--${name}`);
  expect(out).toContain("[PARSEC_PORT]");
});

test.each([
  [["run"], /--administration-token, or --dev/],
  [["run", "--dev", "--administration-token", "two words"], /--administration-token expects .*without spaces/],
  [["run", "--dev", "--port", "x"], /--port expects a whole number/],
  [["run", "--dev", "--port", "99999"], /--port expects a port/],
  [["testbed", "--port", "65536"], /--port expects a port/],
  [["run", "--dev", "--email-host", "x", "--email-port", "65536"], /--email-port expects a port/],
  [["run", "--dev", "--advisory-device-file-protection", "PAPER"], /--advisory-device-file-protection expects one of/],
  [["run", "--dev", "--advisory-device-file-protection", "PASSWORD+TOTP+TOTP"], /PASSWORD\+TOTP, KEYRING/],
  [["run", "--dev", "--sse-keepalive", "soon"], /--sse-keepalive expects a whole number/],
  [["run", "--dev", "--organization-bootstrap-webhook", "hook"], /--organization-bootstrap-webhook expects an http/],
  [["run", "--dev", "--nonsense"], /nonsense/],
  [["run", "--administration-token", "t"], /--db is needed/],
  [["run", "--dev", "--db", "mysql://user:secret@host"], /^--db expects sqlite:FILE, (?!.*secret)/],
  [["run", "--dev", "--db", "sqlite:./parsec.db"], /^Blocks in memory would be lost .*: add --blockstore file:/],
  [["run", "--dev", "--db", "postgresql://h/d", "-b", "MOCKED"], /add --blockstore/],
  [
    ["run", "--dev", "--db", "sqlite:./parsec.db", "-b", "POSTGRESQL"],
    /--blockstore POSTGRESQL needs --db postgresql:/,
  ],
  [["run", "--dev", "-b", "raid1:0:SQLITE", "-b", "raid1:1:file:x"], /--blockstore SQLITE needs --db sqlite:/],
  [["run", "--dev", "--blockstore", "s3:a:b"], /^--blockstore cannot be read: .*See --help$/],
  [["run", "--dev", "--db-max-connections", "1"], /--db-max-connections is 2 or more/],
  [["run", "--dev", "--db-min-connections", "9", "--db-max-connections", "8"], /not below --db-min-connections/],
  [["run", "--dev", "--pause-before-retry-database-connection", "soon"], /expects seconds/],
  [["migrate"], /--db names a database to migrate/],
  [["migrate", "--db", "MOCKED"], /--db names a database to migrate/],
  [["run", "--dev", "--server-addr", "nowhere"], /--server-addr expects parsec3/],
  [["run", "--dev", "--ssl-keyfile", "a"], /go together/],
  [["run", "--dev", "--with-client-web-app", "/nowhere"], /expects a folder/],
  [["nonsense"], /Unknown command/],
])("%j is refused with what to do", async (argv, message) => {
  const { code, errors } = await run(argv);
  expect(code).toBe(2);
  expect(errors).toMatch(message);
});

describe("options", () => {
  const read = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runServerOptions(Arguments.parse(runOptions, argv, env));

  test("the command line wins over the environment", () => {
    const env = { PARSEC_PORT: "1", PARSEC_HOST: "::1", PARSEC_ADMINISTRATION_TOKEN: "t", PARSEC_DB: "MOCKED" };
    expect(read(["--port", "2"], env)).toMatchObject({ port: 2, host: "::1", administrationToken: "t" });
  });

  test("every setting arrives", () => {
    const { config } = read([
      "--dev",
      "--organization-initial-tos",
      "en:https://a/b\\,c,fr:https://d",
      "--organization-initial-allowed-client-agent=NATIVE_ONLY",
      "--validation-email-rate-limit",
      "1 2",
      "--sse-keepalive",
      "0",
      "--openbao-server-url",
      "https://bao",
      "--openbao-auth-hexagone",
      "auth/h",
      "--server-addr",
      "parsec3://example.com:1234?no_ssl=true",
      "--cors-allow-origins",
      "a",
      "--cors-allow-origins",
      "b",
    ]);
    expect(config).toMatchObject({
      initialTos: new Map([
        ["en", "https://a/b,c"],
        ["fr", "https://d"],
      ]),
      initialAllowedClientAgent: "NATIVE_ONLY",
      emailRateLimit: { cooldown: 1, maxPerHour: 2 },
      sseKeepalive: null,
      openbao: { serverUrl: "https://bao", auths: [{ id: "HEXAGONE", mountPath: "auth/h" }] },
      serverAddress: { hostname: "example.com", port: 1234, useSsl: false },
      corsAllowOrigins: ["a", "b"],
    });
  });

  test.each([
    ["--sse-keepalive=-1", null],
    ["--sse-keepalive=0", null],
    ["--sse-keepalive=1", 1],
  ] as const)("%s", (option, sseKeepalive) => {
    expect(read(["--dev", option]).config).toMatchObject({ sseKeepalive });
    expect(read(["--dev"], { PARSEC_SSE_KEEPALIVE: option.slice(16) }).config).toMatchObject({ sseKeepalive });
  });

  test("the protections advised, from the command line and from the environment", () => {
    const protections = ["PASSWORD", "ACCOUNT_VAULT+TOTP"];
    const argv = protections.flatMap((each) => ["--advisory-device-file-protection", each]);
    const env = { PARSEC_ADVISORY_DEVICE_FILE_PROTECTION: protections.join(" ") };
    for (const options of [read(["--dev", ...argv]), read(["--dev"], env)]) {
      expect(options.config?.advisoryDeviceFileProtection).toEqual(protections);
    }
  });

  test("TLS files are read", () => {
    const folder = mkdtempSync(join(tmpdir(), "parsec-cli-"));
    writeFileSync(join(folder, "key.pem"), "KEY");
    writeFileSync(join(folder, "cert.pem"), "CERT");
    const files = ["--ssl-keyfile", join(folder, "key.pem"), "--ssl-certfile", join(folder, "cert.pem")];
    expect(read(["--dev", ...files]).tls).toEqual({ key: "KEY", cert: "CERT" });
    rmSync(folder, { recursive: true });
  });
});

test("where blocks are kept, from the command line and from the environment", () => {
  const read = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runServerOptions(Arguments.parse(runOptions, ["--dev", ...argv], env));
  const nodes = ["raid1:0:file:a", "raid1:1:s3:localhost\\\\:4566:eu:b:K:S"];
  const env = { PARSEC_BLOCKSTORE: nodes.join("  ") };
  expect(read(nodes.flatMap((node) => ["-b", node])).blocks).toEqual(nodes);
  expect(read([], env).blocks).toEqual(nodes);
  expect(read(["--blockstore", "file:b"], env).blocks).toEqual(["file:b"]);
  expect(read(["--blockstore-partial-create"]).partialCreate).toBe(true);
  expect(read([]).blocks).toBe(undefined);
});

test("the names of version 2 still work", async () => {
  const env = { PARSEC_BACKEND_ADDR: "parsec://example.com" };
  const { code, out, errors } = await run(["backend", "run", "--dev", "--port", "0"], env);
  expect([code, errors.split("\n")]).toEqual([
    0,
    [
      "`backend` is a former name and will go: leave it out",
      "PARSEC_BACKEND_ADDR is a former name and will go: today's is PARSEC_SERVER_ADDR",
      "parsec:// is a former name and will go: today's is parsec3://",
    ],
  ]);
  expect(out).toContain("server_addr=parsec3://example.com");
  const { config } = runServerOptions(Arguments.parse(runOptions, ["--dev"], env));
  expect(config?.serverAddress).toMatchObject({ hostname: "example.com", useSsl: true });
});

test("more arguments come from PARSEC_CMD_ARGS, with variables", async () => {
  const { code, errors } = await run(["run"], { PARSEC_CMD_ARGS: "--dev --port ${P}", P: "nonsense" });
  expect([code, errors]).toEqual([2, "--port expects a whole number: see --help"]);
});

test("the version", async () => {
  expect((await run(["--version"])).out).toMatch(/^parsec-server \d+\.\d+\.\d+$/);
});
