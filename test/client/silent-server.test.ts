import { createAccount, logIn, sendCreationCode } from "@parsec/account";
import { SettableClock } from "@parsec/base";
import { createParsec, type Parsec, type Session } from "@parsec/client";
import { createTransport, type Transport } from "@parsec/connection";
import { KeyDerivation, SecretKey } from "@parsec/crypto";
import { keyring, memoryDeviceStore, memoryKeyring, type Protection } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { AccessToken, HumanHandle, parseServerHttpUrl, UserId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { greetWholly, Telephone } from "../support/greeting-people.ts";
import { comes } from "../support/patience.ts";

// With a server that never answers again, an abort and a logout settle at once.

let server: RunningServer;
let organizations = 0;

beforeAll(async () => {
  server = await startServer({ dev: true, config: { emailRateLimit: { cooldown: 0, maxPerHour: 0 } } });
});
afterAll(() => server.close());

/** A transport that stops to hear anything, from the moment that it is told to. */
interface Line extends Transport {
  isSilent: boolean;
  /** Resolves when a request was made that will have no answer. */
  asked(): Promise<void>;
  /** Requests without answer that nobody has given up. */
  readonly open: Set<object>;
}

function newLine(): Line {
  const transport = createTransport();
  onTestFinished(() => transport.close());
  let tell = () => undefined as void;
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const line: Line = {
    isSilent: false,
    open: new Set(),
    asked: () => comes("a request", asked),
    request: (request, cancellation) => {
      if (!line.isSilent) return transport.request(request, cancellation);
      tell();
      line.open.add(request);
      return new Promise((_resolve, reject) => {
        cancellation.signal.addEventListener("abort", () => {
          line.open.delete(request);
          reject(cancellation.signal.reason);
        });
      });
    },
    close: () => transport.close(),
  };
  return line;
}

/** The outcome of what settles within a few turns of the event loop; time does not help. */
async function atOnce(work: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = "still waiting";
  work.then(
    () => {
      outcome = "done";
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return outcome;
}

const enough = new Error("enough");
const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const protection = newProtection();
const person = { human: { email: "alice@example.com", label: "Alice" }, deviceLabel: "laptop", protection };

let line: Line;
let parsec: Parsec;
beforeEach(async () => {
  line = newLine();
  parsec = await newParsec(line);
});

function newParsec(transport: Transport): Promise<Parsec> {
  return createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport, sync: "manual" });
}

function newOrganization(): Promise<string> {
  organizations += 1;
  return server.createOrganization(`Silent${organizations}`);
}

async function newSession(): Promise<Session> {
  const session = await parsec.bootstrap(await newOrganization(), person);
  onTestFinished(() => session.close());
  return session;
}

/** Starts the work on a silent line, and aborts it once it has asked. */
async function expectAborts(work: (options: { signal: AbortSignal }) => Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  line.isSilent = true;
  const running = work({ signal: abort.signal });
  running.catch(() => undefined);
  await line.asked();
  abort.abort(enough);
  expect(await atOnce(running)).toBe(enough);
}

const bob = UserId.generate();

describe("an abort settles at once", () => {
  const operations: Readonly<Record<string, (session: Session, options: { signal: AbortSignal }) => Promise<unknown>>> =
    {
      refresh: (session, options) => session.refresh(options),
      maintain: (session, options) => session.maintain(options),
      refetchCertificates: (session, options) => session.refetchCertificates(options),
      exportRecoveryDevice: (session, options) => session.exportRecoveryDevice("r", options),
      revoke: ({ users }, options) => users.revoke(bob, options),
      updateProfile: ({ users }, options) => users.updateProfile(bob, "ADMIN", options),
      usage: ({ organization }, options) => organization.usage(options),
      bootstrappedOn: ({ organization }, options) => organization.bootstrappedOn(options),
      frozenUsers: ({ organization }, options) => organization.frozenUsers(options),
      termsOfService: ({ organization }, options) => organization.termsOfService(options),
      inviteUser: ({ invitations }, options) => invitations.inviteUser("bob@example.com", options),
      inviteDevice: ({ invitations }, options) => invitations.inviteDevice(options),
      inviteRecovery: ({ invitations }, options) => invitations.inviteRecovery(bob, options),
      list: ({ invitations }, options) => invitations.list(options),
      cancel: ({ invitations }, options) => invitations.cancel(AccessToken.generate(), options),
      listEnrollments: ({ enrollments }, options) => enrollments.list(options),
      greetUser: ({ invitations }, options) => invitations.greetUser(AccessToken.generate(), options),
      greetDevice: ({ invitations }, options) => invitations.greetDevice(AccessToken.generate(), options),
    };

  test.each(Object.entries(operations))("of %s", async (_name, operation) => {
    const session = await newSession();
    await expectAborts((options) => operation(session, options));
    const closed = session.close();
    expect(await atOnce(closed)).toBe("done");
  });

  test.each(Object.entries(operations))("and a close settles %s", async (_name, operation) => {
    const session = await newSession();
    line.isSilent = true;
    const running = operation(session, { signal: new AbortController().signal });
    running.catch(() => undefined);
    await line.asked();
    expect(await atOnce(session.close())).toBe("done");
    expect(await atOnce(running)).toMatchObject({ code: "SESSION_CLOSED" });
  });

  test("of a bootstrap, whose device waits; of the question whether it exists", async () => {
    const address = await newOrganization();
    await expectAborts((options) => parsec.bootstrap(address, { ...person, ...options }));
    const [waiting] = await parsec.unconfirmedDevices();
    if (waiting === undefined) throw new Error("the device is lost");
    await expectAborts((options) => parsec.login(waiting.deviceId, protection, options));
    expect(await parsec.unconfirmedDevices()).toHaveLength(1);
  });

  test("of a recovery, whose device waits", async () => {
    const { bytes, passphrase } = await (await newSession()).exportRecoveryDevice("recovery");
    await expectAborts((options) =>
      parsec.recover(bytes, passphrase, { deviceLabel: "new", protection: newProtection(), ...options }),
    );
    expect(await parsec.unconfirmedDevices()).toHaveLength(1);
  });

  test("of an invitation that is opened, and of a greeter who is waited for", async () => {
    const session = await newSession();
    const { link } = await session.invitations.inviteUser("bob@example.com");
    const invitation = await parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    await expectAborts((options) => parsec.openInvitation(link, options));
    await expectAborts((options) => invitation.meet(options));
  });

  test("in the middle of a greeting, on either side", async () => {
    const session = await newSession();
    const { link, token } = await session.invitations.inviteUser("bob@example.com");
    const claimer = newLine();
    const other = await newParsec(claimer);
    const invitation = await other.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const [shows, chooses] = await Promise.all([session.invitations.greetUser(token), invitation.meet()]);
    await expectAborts((options) => shows.waitPeerTrust(options));
    claimer.isSilent = true;
    const abort = new AbortController();
    const code = chooses.greeterSasChoices.find((choice) => choice === shows.greeterSas);
    if (code === undefined) throw new Error("no such code");
    const running = chooses.choose(code, { signal: abort.signal });
    running.catch(() => undefined);
    await claimer.asked();
    abort.abort(enough);
    expect(await atOnce(running)).toBe(enough);
  });

  test("of a claim whose protection never comes", async () => {
    const session = await newSession();
    const { link, token } = await session.invitations.inviteUser("bob@example.com");
    const telephone = new Telephone();
    const greeting = greetWholly(session, token, { telephone });
    const other = await newParsec(newLine());
    const invitation = await other.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const chooses = await invitation.meet();
    const said = await telephone.hear("greeter");
    const code = chooses.greeterSasChoices.find((choice) => choice === said);
    if (code === undefined) throw new Error("no such code");
    const shows = await chooses.choose(code);
    telephone.say("claimer", shows.claimerSas);
    const claim = await shows.waitPeerTrust();
    const never: Protection = { ...protection, createKey: () => new Promise(() => undefined) };
    const abort = new AbortController();
    const request = { ...person, human: { email: "bob@example.com", label: "Bob" }, protection: never };
    const running = claim.claim(request, { signal: abort.signal });
    running.catch(() => undefined);
    abort.abort(enough);
    expect(await atOnce(running)).toBe(enough);
    // The line works: the greeter hears of it.
    await expect(greeting).rejects.toMatchObject({ code: "GREETING_CANCELLED", reason: "MANUALLY_CANCELLED" });
  });

  test("of a keyring, a card or a service that never answers", async () => {
    const session = await newSession();
    const { deviceId } = session;
    await session.close();
    const abort = new AbortController();
    const never: Protection = { ...protection, openKey: () => new Promise(() => undefined) };
    const running = parsec.login(deviceId, never, { signal: abort.signal });
    running.catch(() => undefined);
    await atOnce(running);
    abort.abort(enough);
    expect(await atOnce(running)).toBe(enough);
    await (await parsec.login(deviceId, protection)).close();
  });
});

describe("an account on a silent line", () => {
  async function newAccount(clock?: SettableClock) {
    const reached = { address: parseServerHttpUrl(server.url), transport: line, ...(clock ? { clock } : {}) };
    const humanHandle = HumanHandle.parse(`${crypto.randomUUID()}@example.com`, "Alice");
    const credentials = { masterSecret: KeyDerivation.generate() };
    await sendCreationCode(reached, humanHandle.email);
    const mail = server.mailbox?.received(humanHandle.email).at(-1);
    const [, code = ""] = /<pre id="code">([A-Z2-9]{6})<\/pre>/.exec(mail?.html ?? "") ?? [];
    await createAccount(reached, { humanHandle, code, credentials });
    return logIn(reached, credentials);
  }

  test("every operation is aborted at once, and the next one has its turn", async () => {
    const account = await newAccount();
    const operations = [
      (options: { signal: AbortSignal }) => account.listInvitations(options),
      (options: { signal: AbortSignal }) => account.vault.uploadKey(SecretKey.generate(), options),
      (options: { signal: AbortSignal }) => account.vault.listRegistrationDevices(options),
      (options: { signal: AbortSignal }) => account.authMethods.addMasterSecret(KeyDerivation.generate(), options),
      (options: { signal: AbortSignal }) =>
        account.vault.rotateKey({ masterSecret: KeyDerivation.generate() }, options),
    ];
    for (const operation of operations) await expectAborts(operation);
    line.isSilent = false;
    expect(await account.listInvitations()).toEqual([]);
    await account.logOut();
  });

  test("the logout waits 80 ms for the operation under way, on the injected clock", async () => {
    const clock = new SettableClock(Date.now() * 1000);
    const account = await newAccount(clock);
    line.isSilent = true;
    const running = account.listInvitations();
    const waiting = account.listOrganizations();
    for (const promise of [running, waiting]) promise.catch(() => undefined);
    await line.asked();
    const end = account.logOut();
    expect(await atOnce(end)).toBe("still waiting");
    clock.advance(80);
    expect(await atOnce(end)).toBe("done");
    expect(await atOnce(running)).toMatchObject({ code: "LOGGED_OUT" });
    expect(await atOnce(waiting)).toMatchObject({ code: "LOGGED_OUT" });
    expect(line.open.size).toBe(0);
  });
});
