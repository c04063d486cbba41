import { createParsec, type Parsec, type ParsecOptions, type Session } from "@parsec/client";
import { type DeviceStore, keyring, memoryDeviceStore, memoryKeyring, type SaveStrategy } from "@parsec/device";
import type { RunningServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import type { AccessToken, LocalDevice, UserProfile } from "@parsec/types";
import { type Moments, watchedTransport } from "./greeting-moments.ts";
import { hastyClock } from "./hasty-clock.ts";

/** Somebody with a place for devices, and a protection that costs no time. */
export interface Person {
  readonly parsec: Parsec;
  readonly protection: SaveStrategy;
  /** What happens around the requests of this person: to be changed at any time. */
  readonly moments: Partial<Moments>;
  readonly deviceStore: DeviceStore;
}

export async function newPerson(options: ParsecOptions = {}): Promise<Person> {
  const moments: Partial<Moments> = {};
  const deviceStore = options.deviceStore ?? memoryDeviceStore();
  const parsec = await createParsec({
    storage: memoryDriver(),
    transport: watchedTransport(moments),
    clock: hastyClock,
    sync: "manual",
    ...options,
    deviceStore,
  });
  return {
    parsec,
    protection: keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() }),
    moments,
    deviceStore,
  };
}

/** The first user of a new organization. */
export async function bootstrapped(server: RunningServer, name: string, person: Person): Promise<Session> {
  const address = await server.createOrganization(name);
  const { protection } = person;
  const human = { email: "alice@example.com", label: "Alice" };
  return person.parsec.bootstrap(address, { human, deviceLabel: "laptop", protection });
}

/** What two humans tell each other over the telephone. */
export class Telephone {
  readonly #heard = new Map<string, string>();
  readonly #listeners = new Map<string, (code: string) => void>();

  say(whose: "greeter" | "claimer", code: string): void {
    this.#heard.set(whose, code);
    this.#listeners.get(whose)?.(code);
  }

  hear(whose: "greeter" | "claimer"): Promise<string> {
    const heard = this.#heard.get(whose);
    if (heard !== undefined) return Promise.resolve(heard);
    return new Promise((resolve) => this.#listeners.set(whose, resolve));
  }
}

/** The choice that is the code heard, or any other one. */
export function choose<Code extends string>(choices: readonly Code[], heard: string, isRight = true): Code {
  const choice = choices.find((code) => (code === heard) === isRight);
  if (choice === undefined) throw new Error("the code is not among the choices");
  return choice;
}

export interface Side {
  readonly telephone: Telephone;
  readonly signal?: AbortSignal | undefined;
  /** Picks a wrong code. */
  readonly isWrong?: boolean;
}

/** The greeter's side of a user greeting, from the first step to the last. */
export async function greetWholly(
  session: Session,
  token: AccessToken,
  { telephone, signal, isWrong = false }: Side,
  profile: UserProfile = "STANDARD",
): Promise<void> {
  const showing = await session.invitations.greetUser(token, { signal });
  telephone.say("greeter", showing.greeterSas);
  const choosing = await showing.waitPeerTrust({ signal });
  const code = choose(choosing.claimerSasChoices, await telephone.hear("claimer"), !isWrong);
  const trusting = await choosing.choose(code, { signal });
  const request = await trusting.getRequest({ signal });
  await request.createUser({ profile }, { signal });
}

/** The claimer's side. */
export async function claimWholly(
  { parsec, protection }: Person,
  link: string,
  { telephone, signal, isWrong = false }: Side,
  { label, deviceLabel } = { label: "Bob", deviceLabel: "phone" },
): Promise<LocalDevice> {
  const invitation = await parsec.openInvitation(link, { signal });
  if (invitation.type !== "USER") throw new Error("not an invitation for a user");
  const choosing = await invitation.meet({ signal });
  const code = choose(choosing.greeterSasChoices, await telephone.hear("greeter"), !isWrong);
  const showing = await choosing.choose(code, { signal });
  telephone.say("claimer", showing.claimerSas);
  const claim = await showing.waitPeerTrust({ signal });
  const human = { email: invitation.details.claimerEmail, label };
  return claim.claim({ human, deviceLabel, protection }, { signal });
}
