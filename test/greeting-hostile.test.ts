import { type Clock, systemClock } from "@parsec/base";
import { createTransport, type Transport } from "@parsec/connection";
import { PrivateKey, PublicKey, ready, sha256 } from "@parsec/crypto";
import {
  ClaimerStep,
  GreeterStep,
  inviteClaimerStep,
  inviteGreeterCancelGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { decode, encode } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { momentOf } from "./support/greeting-moments.ts";
import { bootstrapped, claimWholly, greetWholly, newPerson, Telephone } from "./support/greeting-people.ts";
import { hastyClock } from "./support/hasty-clock.ts";

// A peer that does what no honest one does, or a server that changes what it says: both sides are the real ones, and
// what one of them sends is changed on its way to the real server.

let server: RunningServer;
let organizations = 0;

beforeAll(async () => {
  await ready();
  server = await startServer({ dev: true });
});
afterAll(() => server.close());

interface Meddling {
  readonly claimer?: (step: ClaimerStep) => ClaimerStep;
  readonly greeter?: (step: GreeterStep) => GreeterStep;
  /** Is told when the greeter ends an attempt, once the server knows. */
  readonly cancelled?: (reason: string) => void;
}

/** A transport that changes the steps of a greeting, each time that they are sent. */
function meddlingTransport({ claimer, greeter, cancelled }: Meddling): Transport {
  const transport = createTransport();
  return {
    async request(request, options) {
      const { body } = request;
      const moment = momentOf(request);
      if (body !== undefined && moment === "invite_greeter_cancel_greeting_attempt") {
        const response = await transport.request(request, options);
        cancelled?.(decode(inviteGreeterCancelGreetingAttempt.request, body).reason);
        return response;
      }
      if (body === undefined || !moment.startsWith("step")) return transport.request(request, options);
      if (request.url.includes("/invited/")) {
        const sent = decode(inviteClaimerStep.request, body);
        const changed = { ...sent, claimerStep: claimer?.(sent.claimerStep) ?? sent.claimerStep };
        return transport.request({ ...request, body: encode(inviteClaimerStep.request, changed) }, options);
      }
      const sent = decode(inviteGreeterStep.request, body);
      const changed = { ...sent, greeterStep: greeter?.(sent.greeterStep) ?? sent.greeterStep };
      return transport.request({ ...request, body: encode(inviteGreeterStep.request, changed) }, options);
    },
    close: () => transport.close(),
  };
}

/** An administrator, somebody who was invited, and what is done to their steps. */
async function pair(meddling: Meddling = {}, clock: Clock = hastyClock) {
  organizations += 1;
  const transport = meddlingTransport(meddling);
  const admin = await newPerson({ transport, clock });
  const bob = await newPerson({ transport, clock });
  const alice = await bootstrapped(server, `Hostile${organizations}`, admin);
  onTestFinished(async () => {
    await alice.close();
    await Promise.all([admin.parsec.close(), bob.parsec.close()]);
    await transport.close();
  });
  const invitation = await alice.invitations.inviteUser("bob@example.com");
  const numberOfUsers = async () => {
    await alice.refresh();
    return alice.users.list().length;
  };
  const openInvitation = async () => {
    const opened = await bob.parsec.openInvitation(invitation.link);
    if (opened.type !== "USER") throw new Error("another type");
    return opened;
  };
  return { alice, bob, ...invitation, numberOfUsers, openInvitation };
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

/** Both ends of a whole greeting, as they went. */
async function ends(meddling: Meddling) {
  const { alice, bob, token, link, numberOfUsers } = await pair(meddling);
  const telephone = new Telephone();
  const [greeted, claimed] = await Promise.allSettled([
    greetWholly(alice, token, { telephone }),
    claimWholly(bob, link, { telephone }),
  ]);
  return { greeted, claimed, users: await numberOfUsers() };
}

const failed = (fields: object) => ({ status: "rejected", reason: expect.objectContaining(fields) });
const cancelledBy = (origin: "GREETER" | "CLAIMER", reason: string) =>
  failed({ code: "GREETING_CANCELLED", origin, reason });

describe("ends for both, with the reason", () => {
  test("a request of the claimer that cannot be opened", async () => {
    const { greeted, claimed, users } = await ends({
      claimer: (step) =>
        step.step === "NUMBER_6_SEND_PAYLOAD" ? { ...step, claimerPayload: flipped(step.claimerPayload) } : step,
    });
    expect(greeted).toEqual(failed({ code: "PEER_PAYLOAD_CORRUPTED" }));
    expect(claimed).toEqual(cancelledBy("GREETER", "UNDECIPHERABLE_PAYLOAD"));
    expect(users).toBe(1);
  });

  test("a confirmation of the greeter that cannot be opened", async () => {
    const { greeted, claimed } = await ends({
      greeter: (step) =>
        step.step === "NUMBER_7_SEND_PAYLOAD" ? { ...step, greeterPayload: flipped(step.greeterPayload) } : step,
    });
    expect(claimed).toEqual(failed({ code: "PEER_PAYLOAD_CORRUPTED" }));
    expect(greeted).toEqual(cancelledBy("CLAIMER", "UNDECIPHERABLE_PAYLOAD"));
  });
});

describe("keys that are not the peer's", () => {
  test.each(["claimer", "greeter"] as const)(
    "in place of the %s's: the code shown is not among the choices",
    async (side) => {
      const { publicKey } = PrivateKey.generate();
      const { alice, token, openInvitation } = await pair(
        side === "claimer"
          ? { claimer: (step) => (step.step === "NUMBER_0_WAIT_PEER" ? { ...step, publicKey } : step) }
          : { greeter: (step) => (step.step === "NUMBER_0_WAIT_PEER" ? { ...step, publicKey } : step) },
      );
      const invitation = await openInvitation();
      const [showing, choosing] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
      expect(choosing.greeterSasChoices).not.toContain(showing.greeterSas);
    },
  );

  test("of small order are refused", async () => {
    const publicKey = PublicKey.fromBytes(new Uint8Array(32));
    const { alice, token, openInvitation } = await pair({
      claimer: (step) => (step.step === "NUMBER_0_WAIT_PEER" ? { ...step, publicKey } : step),
    });
    const invitation = await openInvitation();
    const abort = new AbortController();
    const ended = expect(invitation.meet({ signal: abort.signal })).rejects.toThrow("nobody came");
    await expect(alice.invitations.greetUser(token)).rejects.toMatchObject({ code: "SHARED_SECRET_CORRUPTED" });
    abort.abort(new Error("nobody came"));
    await ended;
  });
});

test("another nonce than the claimer had committed to ends the greeting, for a reason that the server is told", async () => {
  let told: (reason: string) => void = () => undefined;
  const reason = new Promise<string>((resolve) => {
    told = resolve;
  });
  const { alice, token, openInvitation } = await pair({
    claimer: (step) => (step.step === "NUMBER_3_SEND_NONCE" ? { ...step, claimerNonce: new Uint8Array(64) } : step),
    cancelled: told,
  });
  const invitation = await openInvitation();
  // The claimer may have all of the greeter's steps by then, or hear of the end.
  const [greeting] = await Promise.allSettled([alice.invitations.greetUser(token), invitation.meet()]);
  expect(greeting).toEqual(failed({ code: "NONCE_MISMATCH" }));
  expect(await reason).toBe("INVALID_NONCE_HASH");
});

test("nonces of any length are taken from the greeter", async () => {
  const { alice, token, openInvitation } = await pair({
    greeter: (step) =>
      step.step === "NUMBER_2_SEND_NONCE" ? { ...step, greeterNonce: new Uint8Array([1, 2, 3]) } : step,
  });
  const invitation = await openInvitation();
  const [, choosing] = await Promise.all([alice.invitations.greetUser(token), invitation.meet()]);
  expect(choosing.greeterSasChoices.length).toBeGreaterThan(1);
});

test("the steps of both sides come in their order, with the same bytes each time that they are sent", async () => {
  const sent = { claimer: new Map<string, Set<string>>(), greeter: new Map<string, Set<string>>() };
  const seen: ClaimerStep[] = [];
  const note = (side: "claimer" | "greeter", step: string, bytes: Uint8Array) => {
    const before = sent[side].get(step) ?? new Set();
    sent[side].set(step, before.add(bytes.join()));
  };
  const { greeted, claimed } = await ends({
    claimer: (step) => {
      seen.push(step);
      note("claimer", step.step, encode(ClaimerStep, step));
      return step;
    },
    greeter: (step) => {
      note("greeter", step.step, encode(GreeterStep, step));
      return step;
    },
  });
  expect([greeted.status, claimed.status]).toEqual(["fulfilled", "fulfilled"]);
  for (const side of [sent.claimer, sent.greeter]) {
    expect([...side.keys()].map((step) => /\d/.exec(step)?.[0]).join("")).toBe("012345678");
    expect([...side.values()].map((variants) => variants.size)).toEqual(Array.from({ length: 9 }, () => 1));
  }
  const hashed = seen.find((step) => step.step === "NUMBER_1_SEND_HASHED_NONCE");
  const revealed = seen.find((step) => step.step === "NUMBER_3_SEND_NONCE");
  expect(revealed && (await sha256(revealed.claimerNonce))).toEqual(hashed?.hashedNonce);
});

describe("who waits for the other side asks ever more rarely", () => {
  /** Time stands still but for the waits of those who poll, which take none. */
  function pollingClock(waits: number[], onWait: () => void): Clock {
    let now = systemClock.now();
    return {
      now: () => now,
      timer: (delayMs, run) => {
        // What ends requests that take too long.
        if (delayMs > 1000) return systemClock.timer(delayMs, run);
        waits.push(delayMs);
        now += delayMs * 1000;
        onWait();
        return systemClock.timer(0, run);
      },
    };
  }

  test.each(["greeter", "claimer"] as const)("the %s polls after 62.5, 125, 250, 500, 1000, 1000 ms", async (side) => {
    const waits: number[] = [];
    const abort = new AbortController();
    const enough = new Error("enough");
    const clock = pollingClock(waits, () => {
      if (waits.length === 7) abort.abort(enough);
    });
    const { alice, token, openInvitation } = await pair({}, clock);
    const invitation = await openInvitation();
    expect(waits).toEqual([]);
    const { signal } = abort;
    const meeting = side === "greeter" ? alice.invitations.greetUser(token, { signal }) : invitation.meet({ signal });
    await expect(meeting).rejects.toBe(enough);
    expect(waits).toEqual([62.5, 125, 250, 500, 1000, 1000, 1000]);
  });
});
