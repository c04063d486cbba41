import { PrivateKey, ready } from "@parsec/crypto";
import {
  anonymousPing,
  asyncEnrollmentCancel,
  asyncEnrollmentInfo,
  asyncEnrollmentReject,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
  inviteInfo,
} from "@parsec/protocol";
import { DateTime, type GreetingAttemptId, OrganizationId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Target } from "../conformance/index.ts";
import { submit } from "../conformance/scenarios/enrollments.ts";
import { inviteUser } from "../conformance/scenarios/invitations.ts";
import { freshHandle } from "../conformance/support/actor.ts";
import { HttpStatusError } from "../conformance/support/client.ts";
import { expectStatus, type TestOrganization } from "../conformance/support/organization.ts";
import type { RunningServer } from "../src/index.ts";
import { defaultLimits, type Limits, SourceUsage } from "../src/limits.ts";
import { enrollmentSize } from "../src/store/port/enrollments.ts";
import { startTestServer } from "./support/start.ts";
import { createStrictStore } from "./support/stores.ts";

const limits: Limits = {
  ...defaultLimits,
  perSource: { enrollments: 4, enrollmentBytes: 100_000, greetingAttempts: 6, organizations: 5 },
  perOrganization: { waitingEnrollments: 3, enrollmentBytes: 4000, cancelledEnrollments: 2 },
  greetingAttempts: 4,
  spontaneousOrganizations: 3,
};

const store = await createStrictStore();
let server: RunningServer;
let target: Target;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ testbed: true, store, config: { limits, spontaneousBootstrap: true } });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());

let sources = 0;
/** A caller that nobody has seen, as a trusted proxy tells of it. */
function fresh(): Readonly<Record<string, string>> {
  sources += 1;
  return { "X-Forwarded-For": `203.0.113.${sources}` };
}

/** The status, or the HTTP status with the seconds to wait. */
async function outcome(request: Promise<{ readonly status: string }>): Promise<string> {
  try {
    return (await request).status;
  } catch (error) {
    if (!(error instanceof HttpStatusError)) throw error;
    const seconds = Number(error.headers.get("retry-after"));
    return `HTTP ${error.status}, again ${seconds > 0 && seconds <= 3600 ? "within an hour" : `after ${seconds} s`}`;
  }
}

const refused = "HTTP 503, again within an hour";

describe("enrollments", () => {
  let org: TestOrganization;
  beforeEach(async () => {
    org = await target.organization();
  });

  async function asked(from: Readonly<Record<string, string>>, options: Parameters<typeof submit>[2] = {}) {
    return await outcome(submit(org, freshHandle(), { headers: from, ...options }).then(({ reply }) => reply));
  }

  test("of one organization that wait: a number", async () => {
    const first = await submit(org, freshHandle(), { headers: fresh() });
    expectStatus(first.reply, "ok");
    expect([await asked(fresh()), await asked(fresh()), await asked(fresh())]).toEqual(["ok", "ok", refused]);
    expectStatus(await org.send(org.alice, asyncEnrollmentReject, { enrollmentId: first.enrollmentId }), "ok");
    expect(await asked(fresh())).toBe("ok");
    org = await target.organization();
    expect(await asked(fresh())).toBe("ok");
  });

  test("of one organization: bytes, whatever they are in", async () => {
    const big = (signature: string, submitterOpenbaoEntityId: string) =>
      asked(fresh(), { signature: { type: "OPEN_BAO", signature, submitterOpenbaoEntityId } });
    expect(await big("x".repeat(4000), "")).toBe(refused);
    expect(await big("", "x".repeat(4000))).toBe(refused);
    const intermediates = { leaf: new Uint8Array(1), intermediates: [new Uint8Array(5), new Uint8Array(6)] };
    const signature = { type: "PKI", signature: new Uint8Array(2), algorithm: "RSASSA-PSS-SHA256" } as const;
    expect(enrollmentSize({ payload: new Uint8Array(3), signature: { ...signature, ...intermediates } })).toBe(17);
    expect(await big("x".repeat(2000), "")).toBe("ok");
    expect(await big("x".repeat(2000), "")).toBe(refused);
    expect(await big("", "")).toBe("ok");
  });

  test("that were replaced again and again: the last ones are kept", async () => {
    const handle = freshHandle();
    const ids = [];
    for (let round = 0; round < 6; round += 1) {
      const { reply, enrollmentId } = await submit(org, handle, { headers: fresh(), force: true });
      expectStatus(reply, "ok");
      ids.push(enrollmentId);
    }
    const statuses = [];
    for (const enrollmentId of ids) {
      const reply = await org.sendAnonymously(asyncEnrollmentInfo, { enrollmentId });
      statuses.push(reply.status === "ok" ? reply.enrollmentStatus : reply.status);
    }
    const gone = "enrollment_not_found";
    expect(statuses).toEqual([gone, gone, gone, "CANCELLED", "CANCELLED", "SUBMITTED"]);
  });

  test("of one source: a number an hour, whatever becomes of them, in all organizations", async () => {
    const from = fresh();
    for (let round = 0; round < 4; round += 1) {
      if (round === 2) org = await target.organization();
      const { reply, enrollmentId } = await submit(org, freshHandle(), { headers: from });
      expectStatus(reply, "ok");
      expectStatus(await org.sendAnonymously(asyncEnrollmentCancel, { enrollmentId }), "ok");
    }
    expect([await asked(from), await asked(fresh())]).toEqual([refused, "ok"]);
    await target.controls.shiftClock(3700);
    expect(await asked(from)).toBe("ok");
    await target.controls.shiftClock(null);
  });

  test("that are refused for another reason count for nobody", async () => {
    const [from, handle] = [fresh(), freshHandle()];
    expectStatus((await submit(org, handle, { headers: from })).reply, "ok");
    for (let round = 0; round < 5; round += 1) {
      expectStatus((await submit(org, handle, { headers: from })).reply, "email_already_submitted");
    }
    expect(await asked(from)).toBe("ok");
  });
});

describe("greeting attempts", () => {
  test("that are begun again and again: the last ones are kept, and what was said in them is gone", async () => {
    const org = await target.organization();
    const token = await inviteUser(org);
    const step = { step: "NUMBER_0_WAIT_PEER", publicKey: PrivateKey.generate().publicKey } as const;
    const claim = async (): Promise<GreetingAttemptId> => {
      const reply = await org.sendInvited(
        token,
        inviteClaimerStartGreetingAttempt,
        { greeter: org.alice.userId },
        { headers: fresh() },
      );
      expectStatus(reply, "ok");
      return reply.greetingAttempt;
    };
    const attempts = [await claim()];
    const [first] = attempts;
    if (first === undefined) throw new Error("there is one");
    expectStatus(
      await org.sendInvited(token, inviteClaimerStep, { greetingAttempt: first, claimerStep: step }),
      "not_ready",
    );
    expectStatus(await org.send(org.alice, inviteGreeterStartGreetingAttempt, { token }), "ok");
    expectStatus(await org.send(org.alice, inviteGreeterStep, { greetingAttempt: first, greeterStep: step }), "ok");
    const stored = async () =>
      await store.transaction(async (tx) => ({
        end: "commit",
        value: await tx.invitations.step(OrganizationId.parse(org.id), first, 0),
      }));
    expect((await stored()).CLAIMER).not.toBeNull();
    attempts.push(await claim());
    expect(await stored()).toEqual({ CLAIMER: null, GREETER: null });

    for (let round = 0; round < 4; round += 1) attempts.push(await claim());
    const statuses = [];
    for (const greetingAttempt of attempts) {
      const reply = await org.sendInvited(token, inviteClaimerStep, { greetingAttempt, claimerStep: step });
      statuses.push(reply.status);
    }
    const [gone, cancelled] = ["greeting_attempt_not_found", "greeting_attempt_cancelled"];
    expect(statuses).toEqual([gone, gone, cancelled, cancelled, cancelled, "not_ready"]);
    expect(await org.sendInvited(token, inviteInfo, {})).toMatchObject({ status: "ok" });
  });

  test("of one source: a number an hour", async () => {
    const org = await target.organization();
    const [token, from] = [await inviteUser(org), fresh()];
    const claim = (headers: Readonly<Record<string, string>>) =>
      outcome(org.sendInvited(token, inviteClaimerStartGreetingAttempt, { greeter: org.alice.userId }, { headers }));
    for (let round = 0; round < 6; round += 1) expect(await claim(from)).toBe("ok");
    expect([await claim(from), await claim(fresh())]).toEqual([refused, "ok"]);
  });
});

describe("spontaneous organizations", () => {
  async function touch(id: string, from = fresh()): Promise<string> {
    const now = DateTime.fromMicros(Date.now() * 1000);
    const options = { organizationId: id, now, headers: from };
    return await outcome(target.client.send(anonymousPing, { kind: "nobody" }, { ping: "x" }, options));
  }

  async function exists(id: string): Promise<boolean> {
    const value = await store.transaction(async (tx) => ({
      end: "commit",
      value: await tx.organizations.find(OrganizationId.parse(id)),
    }));
    return value !== undefined;
  }

  test("that nobody bootstraps: the last ones are kept, and a forgotten one is created again", async () => {
    const ids = ["A", "B", "C", "D", "E"].map((name) => `Spontaneous${name}`);
    for (const id of ids) expect(await touch(id)).toBe("ok");
    expect(await Promise.all(ids.map(exists))).toEqual([false, false, true, true, true]);
    expect(await touch(ids[0] ?? "")).toBe("ok");
    expect(await Promise.all(ids.map(exists))).toEqual([true, false, false, true, true]);
  });

  test("of one source: a number an hour; those that exist cost nothing", async () => {
    const from = fresh();
    for (const name of ["1", "2", "3", "4", "5"]) expect(await touch(`One${name}`, from)).toBe("ok");
    expect([await touch("One6", from), await touch("One5", from), await touch("One6")]).toEqual([refused, "ok", "ok"]);
    expect(await exists("One7")).toBe(false);
  });
});

describe("the usage of sources", () => {
  const at = (seconds: number) => DateTime.fromMicros(seconds * 1e6);
  const take = (usage: SourceUsage, seconds: number, ip: string, amount = 1) => {
    try {
      usage.take({ ip }, "enrollments", amount, limits, at(seconds));
      return "taken";
    } catch (error) {
      return (error as { retryAfter: number }).retryAfter;
    }
  };

  test("is counted in periods that begin with the first use, and says how long to wait", () => {
    const usage = new SourceUsage();
    expect(take(usage, 1000, "a", 4)).toBe("taken");
    expect(take(usage, 1000, "a")).toBe(3600);
    expect(take(usage, 4599, "a")).toBe(1);
    expect(take(usage, 4600, "a", 5)).toBe(3600);
    expect(take(usage, 4600, "a", 4)).toBe("taken");
    // The clock was set back.
    expect(take(usage, 10, "a", 4)).toBe("taken");
    expect(take(usage, 10, "b", 4)).toBe("taken");
    usage.reset();
    expect(take(usage, 10, "a", 4)).toBe("taken");
  });

  test("counts a request once, though its transaction is tried again", () => {
    const usage = new SourceUsage();
    const request = { ip: "a" };
    for (let attempt = 0; attempt < 10; attempt += 1) usage.take(request, "enrollments", 3, limits, at(0));
    usage.take(request, "enrollmentBytes", 3, limits, at(0));
    expect([take(usage, 0, "a"), take(usage, 0, "a")]).toEqual(["taken", 3600]);
  });

  test("is one for a network of IPv6, and none where the address is not known", () => {
    const usage = new SourceUsage();
    expect(take(usage, 0, "2001:db8::1", 4)).toBe("taken");
    expect(take(usage, 0, "2001:db8::2")).toBe(3600);
    expect(take(usage, 0, "2001:db8:0:1::1")).toBe("taken");
    for (let round = 0; round < 10; round += 1) expect(take(usage, 0, "")).toBe("taken");
  });

  test("takes bounded memory: the source first seen is forgotten", () => {
    const usage = new SourceUsage();
    expect(take(usage, 0, "first", 4)).toBe("taken");
    for (let source = 0; source < 49_999; source += 1) take(usage, 0, String(source));
    expect(take(usage, 0, "first")).toBe(3600);
    take(usage, 0, "one more");
    expect(take(usage, 0, "first")).toBe("taken");
  });
});

test("a proxy that is not trusted does not choose its source", async () => {
  const { TrustedProxies } = await import("../src/http/trusted-proxies.ts");
  const trustedProxies = new TrustedProxies(["10.0.0.1"]);
  await using direct = await startTestServer({ dev: true, config: { limits, trustedProxies } });
  const there = await Target.connect(direct.url, direct.administrationToken);
  const org = await there.organization();
  const asked = async () =>
    await outcome(submit(org, freshHandle(), { headers: fresh(), force: true }).then(({ reply }) => reply));
  const handle = freshHandle();
  for (let round = 0; round < 4; round += 1) {
    expectStatus((await submit(org, handle, { headers: fresh(), force: true })).reply, "ok");
  }
  expect(await asked()).toBe(refused);
});
