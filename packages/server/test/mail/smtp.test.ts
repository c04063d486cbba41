import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import { createAuthority } from "../../../../test/support/certificates.ts";
import type { Mail } from "../../src/mail/port.ts";
import { SmtpMailer } from "../../src/mail/smtp.ts";

const mail: Mail = {
  sender: "no-reply@parsec.com",
  recipient: "zoe@example.com",
  replyTo: { label: "Zoé", email: "greeter@example.com" },
  subject: "[Parsec] Zoé vous invite à rejoindre Acme",
  text: "Bonjour à tous\n",
  html: "<p>Bonjour à tous</p>\n",
};

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
});

async function listen(
  options: ConstructorParameters<typeof SMTPServer>[0],
  received: Received[] = [],
): Promise<number> {
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    authOptional: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        received.push({ from, to: rcptTo.map(({ address }) => address), data: Buffer.concat(chunks).toString("utf8") });
        done();
      });
    },
    ...options,
  });
  // A client that does not believe the server leaves in the middle, which is no failure of the test.
  server.on("error", () => undefined);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return (server.server.address() as AddressInfo).port;
}

function mailer(port: number, options: Partial<ConstructorParameters<typeof SmtpMailer>[0]> = {}): SmtpMailer {
  return new SmtpMailer({ host: "127.0.0.1", port, implicitTls: false, startTls: false, ...options });
}

test("a mail arrives with its text and HTML parts", async () => {
  const received: Received[] = [];
  const sender = mailer(await listen({}, received));
  expect(await sender.send(mail)).toBe("SENT");
  await sender.close();
  const [{ from, to, data } = { from: "", to: [], data: "" }] = received;
  expect([from, to]).toEqual([mail.sender, [mail.recipient]]);
  expect(data).toMatch(/^Content-Type: multipart\/alternative;/m);
  expect(data.indexOf("text/plain")).toBeLessThan(data.indexOf("text/html"));
  expect(data).toMatch(/^Reply-To: =\?UTF-8\?.*\?= <greeter@example\.com>/im);
  expect(data).toMatch(/^Subject: =\?UTF-8\?/m);
});

test("a login, when there is one", async () => {
  const received: Received[] = [];
  const port = await listen(
    {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        if (username === "user" && password === "pass") done(null, { user: "user" });
        else done(new Error("refused"));
      },
    },
    received,
  );
  expect(await mailer(port, { login: { user: "user", password: "pass" } }).send(mail)).toBe("SENT");
  expect(await mailer(port, { login: { user: "user", password: "wrong" } }).send(mail)).toBe("BAD_SMTP_CONFIG");
  expect(received).toHaveLength(1);
});

describe("encrypted", () => {
  const authority = createAuthority();
  const tls = authority.issue("127.0.0.1");

  test.each([
    ["from the first byte", { secure: true, ...tls }, { implicitTls: true }],
    ["from STARTTLS on", { ...tls, disabledCommands: [] }, { startTls: true }],
  ])("%s, with a server whose authority is known", async (_name, server, client) => {
    const received: Received[] = [];
    const wasSecure: boolean[] = [];
    const onMailFrom = (_address: unknown, session: { readonly secure: boolean }, done: () => void) => {
      wasSecure.push(session.secure);
      done();
    };
    const port = await listen({ ...server, onMailFrom }, received);
    expect(await mailer(port, { ...client, authority: authority.pem }).send(mail)).toBe("SENT");
    expect([received.length, wasSecure]).toEqual([1, [true]]);
    // Nobody else is believed, and nothing is sent to them.
    expect(await mailer(port, client).send(mail)).toBe("BAD_SMTP_CONFIG");
    expect(await mailer(port, { ...client, authority: createAuthority().pem }).send(mail)).toBe("BAD_SMTP_CONFIG");
    expect(received.length).toBe(1);
  });

  test("is not given up when the server has no STARTTLS", async () => {
    const received: Received[] = [];
    const port = await listen({}, received);
    expect(await mailer(port, { startTls: true, authority: authority.pem }).send(mail)).toBe("BAD_SMTP_CONFIG");
    expect(received).toEqual([]);
  });
});

test("a refused recipient", async () => {
  const port = await listen({ onRcptTo: (_address, _session, done) => done(new Error("no such user")) });
  expect(await mailer(port).send(mail)).toBe("RECIPIENT_REFUSED");
});

test("a server that says that it cannot", async () => {
  const refusal = Object.assign(new Error("try later"), { responseCode: 421 });
  const port = await listen({ onConnect: (_session, done) => done(refusal) });
  expect(await mailer(port).send(mail)).toBe("SERVER_UNAVAILABLE");
});

test("no server at all", async () => {
  const port = await listen({});
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
  expect(await mailer(port).send(mail)).toBe("BAD_SMTP_CONFIG");
});
