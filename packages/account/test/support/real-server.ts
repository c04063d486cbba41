import { type Clock, systemClock } from "@parsec/base";
import { createTransport } from "@parsec/connection";
import { KeyDerivation } from "@parsec/crypto";
import { type RunningServer, type StartServerOptions, startServer } from "@parsec/server";
import { EmailAddress, HumanHandle, parseServerHttpUrl } from "@parsec/types";
import { expect, onTestFinished } from "vitest";
import { type Account, type AccountServer, createAccount, logIn, sendCreationCode } from "../../src/index.ts";

export const alice = HumanHandle.parse("alice@example.com", "Alice");

/** A real server for one test, with its mailbox, and how to reach it. No limit on mails, unless given. */
export async function startAccountServer(
  options: StartServerOptions = {},
): Promise<{ readonly running: RunningServer; readonly server: AccountServer; readonly clock: Clock }> {
  const clock = options.clock ?? systemClock;
  const config = { emailRateLimit: { cooldown: 0, maxPerHour: 0 }, ...options.config };
  const running = await startServer({ dev: true, ...options, config });
  onTestFinished(() => running.close());
  const transport = createTransport({ proxy: "none" });
  onTestFinished(() => transport.close());
  return { running, server: { address: parseServerHttpUrl(running.url), transport, clock }, clock };
}

/** The code of the last mail to somebody. */
export function codeFor({ mailbox }: RunningServer, email: string): string {
  const mail = mailbox?.received(email).at(-1) ?? expect.unreachable("no mail");
  return /<pre id="code">([A-Z2-9]{6})<\/pre>/.exec(mail.html)?.[1] ?? expect.unreachable("no code");
}

/** A code that is well formed and wrong. */
export function otherCode(code: string): string {
  return (code.startsWith("A") ? "B" : "A") + code.slice(1);
}

/** A new account, logged in, whose master secret the caller may keep: no password to derive. */
export async function newAccount(
  running: RunningServer,
  server: AccountServer,
  { email = alice.email as string, masterSecret = KeyDerivation.generate() } = {},
): Promise<Account> {
  const humanHandle = HumanHandle.parse(email, alice.label);
  await sendCreationCode(server, EmailAddress.parse(email));
  await createAccount(server, { humanHandle, code: codeFor(running, email), credentials: { masterSecret } });
  const account = await logIn(server, { masterSecret });
  onTestFinished(() => account.logOut());
  return account;
}

/** A server and one account on it. */
export async function startWithAccount(options: StartServerOptions = {}) {
  const started = await startAccountServer(options);
  const masterSecret = KeyDerivation.generate();
  const account = await newAccount(started.running, started.server, { masterSecret });
  return { ...started, masterSecret, account };
}
