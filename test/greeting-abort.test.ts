import type { Session } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Moment, Moments } from "./support/greeting-moments.ts";
import {
  bootstrapped,
  choose,
  claimWholly,
  greetWholly,
  newPerson,
  type Person,
  Telephone,
} from "./support/greeting-people.ts";

let server: RunningServer;
let alicePerson: Person;
let alice: Session;
let emails = 0;

beforeAll(async () => {
  server = await startServer({ dev: true });
  alicePerson = await newPerson();
  alice = await bootstrapped(server, "Aborts", alicePerson);
});
afterEach(() => {
  Object.assign(alicePerson.moments, { before: undefined, after: undefined });
});
afterAll(async () => {
  await alice.close();
  await server.close();
});

function inviteSomebody() {
  emails += 1;
  return alice.invitations.inviteUser(`bob${emails}@example.com`);
}

const steps = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) => `step ${index}`);

/** Does something once, at the first request of that moment. */
function at(wanted: Moment, run: () => void): Moments["before"] {
  let isDone = false;
  return (moment) => {
    if (isDone || moment !== wanted) return;
    isDone = true;
    run();
  };
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Resolves once that side waits for the other one. */
function waiting(person: Person): Promise<void> {
  const isThere = deferred();
  person.moments.after = at("step 0", isThere.resolve);
  return isThere.promise;
}

const reason = new Error("changed their mind");
const cancelled = (origin: "GREETER" | "CLAIMER") => ({
  code: "GREETING_CANCELLED",
  origin,
  reason: "MANUALLY_CANCELLED",
});

describe("an abort while the request is under way", () => {
  test.each(["start", ...steps, "user_create"])("of the greeter at %s is told to the claimer", async (moment) => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const abort = new AbortController();
    const isOver = deferred();
    // The claimer says once that all is well, and looks no more: not before the greeter has given up.
    bob.moments.before = (own) => (own === "step 8" && moment === "step 8" ? isOver.promise : undefined);
    const isThere = waiting(bob);
    const isTold = expect(claimWholly(bob, link, { telephone })).rejects.toMatchObject(cancelled("GREETER"));
    await isThere;
    alicePerson.moments.before = at(moment, () => abort.abort(reason));
    await expect(greetWholly(alice, token, { telephone, signal: abort.signal })).rejects.toBe(reason);
    isOver.resolve();
    await isTold;
  });

  test.each(["start", ...steps])("of the claimer at %s is told to the greeter", async (moment) => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const abort = new AbortController();
    const isThere = waiting(alicePerson);
    const isTold = expect(greetWholly(alice, token, { telephone })).rejects.toMatchObject(cancelled("CLAIMER"));
    await isThere;
    bob.moments.before = at(moment, () => abort.abort(reason));
    await expect(claimWholly(bob, link, { telephone, signal: abort.signal })).rejects.toBe(reason);
    await isTold;
  });

  test("of the claimer while the key of the file is made is told to the greeter", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const telephone = new Telephone();
    const abort = new AbortController();
    const createKey: typeof bob.protection.createKey = async () => {
      abort.abort(reason);
      throw reason;
    };
    const isTold = expect(greetWholly(alice, token, { telephone })).rejects.toMatchObject(cancelled("CLAIMER"));
    const slow = { ...bob, protection: { ...bob.protection, createKey } };
    await expect(claimWholly(slow, link, { telephone, signal: abort.signal })).rejects.toBe(reason);
    await isTold;
  });

  test("before anything was sent sends nothing", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    const invitation = await bob.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const sent: Moment[] = [];
    const record = (moment: Moment) => void sent.push(moment);
    alicePerson.moments.before = record;
    bob.moments.before = record;
    const signal = AbortSignal.abort(reason);
    await expect(alice.invitations.greetUser(token, { signal })).rejects.toBe(reason);
    await expect(invitation.meet({ signal })).rejects.toBe(reason);
    expect(sent).toEqual([]);
  });
});

describe("giving up between two calls", () => {
  test.each([0, 1, 2, 3])("at stage %i of the greeter is told to the claimer", async (stage) => {
    const { token, link } = await inviteSomebody();
    const telephone = new Telephone();
    const claiming = claimWholly(await newPerson(), link, { telephone });
    const isTold = expect(claiming).rejects.toMatchObject(cancelled("GREETER"));
    const showing = await alice.invitations.greetUser(token);
    telephone.say("greeter", showing.greeterSas);
    if (stage === 0) await showing.cancel();
    else {
      const choosing = await showing.waitPeerTrust();
      if (stage === 1) await choosing.cancel();
      else {
        const trusting = await choosing.choose(choose(choosing.claimerSasChoices, await telephone.hear("claimer")));
        await (stage === 2 ? trusting : await trusting.getRequest()).cancel();
      }
    }
    await isTold;
  });

  test.each([0, 1, 2])("at stage %i of the claimer is told to the greeter", async (stage) => {
    const { token, link } = await inviteSomebody();
    const telephone = new Telephone();
    const bob = await newPerson();
    const isTold = expect(greetWholly(alice, token, { telephone })).rejects.toMatchObject(cancelled("CLAIMER"));
    const invitation = await bob.parsec.openInvitation(link);
    if (invitation.type !== "USER") throw new Error("not for a user");
    const choosing = await invitation.meet();
    if (stage === 0) await choosing.cancel();
    else {
      const showing = await choosing.choose(choose(choosing.greeterSasChoices, await telephone.hear("greeter")));
      telephone.say("claimer", showing.claimerSas);
      await (stage === 1 ? showing : await showing.waitPeerTrust()).cancel();
    }
    await isTold;
  });
});

describe("a peer that vanishes without a word", () => {
  const vanish = () => {
    throw new OfflineError("vanished");
  };

  test.each(["step 0", "step 1", "step 2", "step 3"])(
    "at %s, and comes back: the greeter starts over by itself",
    async (moment) => {
      const { token, link } = await inviteSomebody();
      const bob = await newPerson();
      bob.moments.before = at(moment, vanish);
      const telephone = new Telephone();
      const greeting = greetWholly(alice, token, { telephone });
      await expect(claimWholly(bob, link, { telephone: new Telephone() })).rejects.toMatchObject({ code: "OFFLINE" });
      const [device] = await Promise.all([claimWholly(bob, link, { telephone }), greeting]);
      expect(device.organizationId).toBe(alice.organizationId);
    },
  );

  test.each(["step 0", "step 1", "step 2", "step 3"])(
    "at %s, and comes back: the claimer starts over by itself",
    async (moment) => {
      const { token, link } = await inviteSomebody();
      const bob = await newPerson();
      alicePerson.moments.before = at(moment, vanish);
      const telephone = new Telephone();
      const claiming = claimWholly(bob, link, { telephone });
      await expect(greetWholly(alice, token, { telephone: new Telephone() })).rejects.toMatchObject({
        code: "OFFLINE",
      });
      const [device] = await Promise.all([claiming, greetWholly(alice, token, { telephone })]);
      expect(device.organizationId).toBe(alice.organizationId);
    },
  );

  test("after the codes, and comes back: the greeter is told, and starts over by hand", async () => {
    const { token, link } = await inviteSomebody();
    const bob = await newPerson();
    bob.moments.before = at("step 5", vanish);
    const first = new Telephone();
    const greeting = greetWholly(alice, token, { telephone: first });
    const isTold = expect(greeting).rejects.toMatchObject({
      code: "GREETING_CANCELLED",
      origin: "CLAIMER",
      reason: "AUTOMATICALLY_CANCELLED",
    });
    await expect(claimWholly(bob, link, { telephone: first })).rejects.toMatchObject({ code: "OFFLINE" });
    const telephone = new Telephone();
    const again = claimWholly(bob, link, { telephone });
    await isTold;
    await Promise.all([again, greetWholly(alice, token, { telephone })]);
  });
});
