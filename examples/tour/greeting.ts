import type { Parsec, Session, UserClaimRequest } from "@parsec/client";
import type { AccessToken, LocalDevice } from "@parsec/types";

interface Invitee {
  readonly parsec: Parsec;
  readonly request: UserClaimRequest;
}

/**
 * The whole greeting, both sides in this process: the two meet through the server, each reads a code out to the other,
 * and the greeter makes the user. In real life two humans read the codes over a channel that they trust.
 */
export async function greet(greeter: Session, invitee: Invitee, tell: (line: string) => void): Promise<LocalDevice> {
  const invitation = await greeter.invitations.inviteUser(invitee.request.human.email);
  const heard = { greeterSas: deferred<string>(), claimerSas: deferred<string>() };
  const [device] = await Promise.all([
    claim(invitation.link, invitee, heard, tell),
    welcome(greeter, invitation.token, heard, tell),
  ]);
  return device;
}

/** What was said aloud. */
interface Heard {
  readonly greeterSas: Deferred<string>;
  readonly claimerSas: Deferred<string>;
}

async function welcome(
  greeter: Session,
  token: AccessToken,
  heard: Heard,
  tell: (line: string) => void,
): Promise<void> {
  const showsCode = await greeter.invitations.greetUser(token);
  tell(`   the greeter reads out ${showsCode.greeterSas}`);
  heard.greeterSas.resolve(showsCode.greeterSas);
  const choosesCode = await showsCode.waitPeerTrust();
  const spoken = await heard.claimerSas.promise;
  const trusted = await choosesCode.choose(pick(choosesCode.claimerSasChoices, spoken));
  const request = await trusted.getRequest();
  await request.createUser({ profile: "STANDARD" });
}

async function claim(
  link: string,
  { parsec, request }: Invitee,
  heard: Heard,
  tell: (line: string) => void,
): Promise<LocalDevice> {
  const invitation = await parsec.openInvitation(link);
  if (invitation.type !== "USER") throw new Error("The server says that the link is not for a user");
  const choosesCode = await invitation.meet();
  const spoken = await heard.greeterSas.promise;
  const showsCode = await choosesCode.choose(pick(choosesCode.greeterSasChoices, spoken));
  tell(`   the claimer reads out ${showsCode.claimerSas}`);
  heard.claimerSas.resolve(showsCode.claimerSas);
  const trusted = await showsCode.waitPeerTrust();
  return trusted.claim(request);
}

function pick<Code extends string>(choices: readonly Code[], spoken: string): Code {
  const choice = choices.find((code) => code === spoken);
  if (choice === undefined) throw new Error("The code that was read out is not among the choices: do not trust");
  return choice;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
