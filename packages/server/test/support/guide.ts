import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request as requestTls } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ready } from "@parsec/crypto";
import { blockCreate, blockRead, inviteNewUser } from "@parsec/protocol";
import { BlockId, EmailAddress } from "@parsec/types";
import { Client } from "pg";
import { SMTPServer } from "smtp-server";
import { expect } from "vitest";
import { createAuthority } from "../../../../test/support/certificates.ts";
import { Target } from "../../conformance/index.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { main } from "../../src/cli/main.ts";

const authority = createAuthority();
const token = "token-of-the-administration";

/** What of the guide a test chooses. */
interface GuideChoices {
  /** Of a PostgreSQL on which a database is made. */
  readonly postgres: string;
  /** What `PARSEC_BLOCKSTORE` says. */
  readonly blockStore: string;
  /** What the server says of it. */
  readonly blockStoreKind: string;
}

type Close = () => Promise<unknown>;

/** Follows the self-hosting guide of version 2, with its names: from an empty database to an organization and its mails. */
export async function followGuide(choices: GuideChoices): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "parsec-guide-"));
  const toClose: Close[] = [];
  try {
    await follow(choices, folder, toClose);
  } finally {
    for (const close of toClose.reverse()) await close();
    rmSync(folder, { recursive: true });
  }
}

async function emptyDatabase(url: string): Promise<string> {
  const client = new Client(url);
  await client.connect();
  await client.query("create database guide");
  await client.end();
  return Object.assign(new URL(url), { pathname: "/guide" }).toString();
}

/** A mail server that speaks TLS and asks for a login. */
async function mailServer(toClose: Close[]) {
  const mails: string[] = [];
  const server = new SMTPServer({
    secure: true,
    ...authority.issue("127.0.0.1"),
    onAuth: ({ username, password }, _session, done) => {
      if (username === "parsec" && password === "mail password") done(null, { user: username });
      else done(new Error("refused"));
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString("utf8"));
        done();
      });
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  toClose.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, port: (server.server.address() as AddressInfo).port };
}

/** Lets programs that know nothing of our authority speak with a server that it has certified. */
async function withoutTls(port: number, toClose: Close[]): Promise<string> {
  const proxy: Server = createServer((incoming, outgoing) => {
    const { method, headers, url: path } = incoming;
    const onward = requestTls({ host: "127.0.0.1", port, ca: authority.pem, method, headers, path }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  toClose.push(() => {
    proxy.closeAllConnections();
    return new Promise<void>((resolve) => proxy.close(() => resolve()));
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

/** A command in an environment, with what it prints; `stop` is the signal that ends it. */
function command(env: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let onLine: (line: string) => void = () => undefined;
  const firstLine = new Promise<string>((resolve) => {
    onLine = resolve;
  });
  const print = (line: string) => {
    out.push(line);
    onLine(line);
  };
  const code = main({ argv, env, print, printError: (line) => errors.push(line), stopped });
  return { code, out, errors, firstLine, stop };
}

async function follow(choices: GuideChoices, folder: string, toClose: Close[]): Promise<void> {
  await ready();
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const mail = await mailServer(toClose);
  const { key, cert } = authority.issue("127.0.0.1");
  const env = {
    PARSEC_DB: await emptyDatabase(choices.postgres),
    PARSEC_BLOCKSTORE: choices.blockStore,
    PARSEC_BACKEND_ADDR: "parsec://parsec.example",
    PARSEC_HOST: "127.0.0.1",
    PARSEC_PORT: "0",
    PARSEC_ADMINISTRATION_TOKEN: token,
    PARSEC_SSL_KEYFILE: file("key.pem", key),
    PARSEC_SSL_CERTFILE: file("cert.pem", cert),
    PARSEC_EMAIL_HOST: "127.0.0.1",
    PARSEC_EMAIL_PORT: String(mail.port),
    PARSEC_EMAIL_HOST_USER: "parsec",
    PARSEC_EMAIL_HOST_PASSWORD: "mail password",
    PARSEC_EMAIL_USE_SSL: "true",
    PARSEC_EMAIL_CA_FILE: file("ca.pem", authority.pem),
    PARSEC_EMAIL_SENDER: "no-reply@parsec.example",
  };

  // Nothing runs on a database without tables, and the message says what to do.
  const early = command(env, "backend", "run");
  expect(await early.code).toBe(1);
  expect(early.errors.at(-1)).toMatch(/migrate/);

  const first = command(env, "backend", "migrate");
  expect(await first.code).toBe(0);
  expect(first.out.length).toBeGreaterThan(0);
  for (const line of first.out) expect(line).toMatch(/^\d{4}-\S+ ✔$/);
  const again = command(env, "backend", "migrate");
  expect(await again.code).toBe(0);
  expect(again.out).toEqual(first.out.map((line) => line.replace("✔", "(already applied)")));

  const server = command(env, "backend", "run");
  const startLine = await server.firstLine;
  const [, port = ""] = /^Starting Parsec server on https:\/\/127\.0\.0\.1:(\d+) \(/.exec(startLine) ?? [];
  const stores = `db=POSTGRESQL blockstore=${choices.blockStoreKind}`;
  expect(startLine).toMatch(new RegExp(`${stores} email=SMTP server_addr=parsec3://parsec\\.example\\)$`));
  expect(server.errors.slice(0, 3)).toEqual([
    "`backend` is a former name and will go: leave it out",
    "PARSEC_BACKEND_ADDR is a former name and will go: today's is PARSEC_SERVER_ADDR",
    "parsec:// is a former name and will go: today's is parsec3://",
  ]);

  const target = await Target.connect(await withoutTls(Number(port), toClose), token);
  const org = await target.organization();
  const realmId = await org.createRealm(org.alice);
  const [blockId, block] = [BlockId.generate(), new Uint8Array(1000).fill(7)];
  expectStatus(await org.send(org.alice, blockCreate, { realmId, blockId, keyIndex: 1, block }), "ok");
  const claimerEmail = EmailAddress.parse("bob@example.com");
  const invited = await org.send(org.alice, inviteNewUser, { claimerEmail, sendEmail: true });
  expect(invited).toMatchObject({ status: "ok", emailSent: "SUCCESS" });
  expect(mail.mails).toHaveLength(1);
  const link = `https://parsec.example/redirect/${org.id}?a=claim_user`;
  expect(mail.mails[0]?.replace(/=\r?\n/g, "").replaceAll("=3D", "=")).toContain(link);
  server.stop();
  expect(await server.code).toBe(0);
  expect(server.out.at(-1)).toBe("bye ;-)");
  // A line for each request, and none of them says who or what.
  expect(server.errors.join("\n")).toMatch(/command=invite_new_user status=200 reply=ok/);
  expect(server.errors.join("\n")).not.toMatch(new RegExp(`bob@|${org.id}|${token}|mail password`));

  // All of it is there at the next start.
  const next = command(env, "run");
  const [, nextPort = ""] = /:(\d+) \(/.exec(await next.firstLine) ?? [];
  const later = await Target.connect(await withoutTls(Number(nextPort), toClose), token);
  expect(await later.administrate("GET", `/organizations/${org.id}`)).toMatchObject({
    json: { is_bootstrapped: true },
  });
  Object.assign(org, { client: later.client });
  expect(await org.send(org.alice, blockRead, { realmId, blockId })).toMatchObject({ status: "ok", block });
  next.stop();
  expect(await next.code).toBe(0);
}
