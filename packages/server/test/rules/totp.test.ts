import { ready } from "@parsec/crypto";
import { totpCreateOpaqueKey, totpFetchOpaqueKey, totpSetupConfirm, totpSetupGetSecret } from "@parsec/protocol";
import { DateTime } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import type { RunningServer } from "../../src/index.ts";
import { isValidOneTimePassword, passwordAt } from "../../src/rules/one-time-password.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

const period = 30_000_000;

describe("a one-time password", () => {
  const secret = new TextEncoder().encode("12345678901234567890");

  test("is that of RFC 4226 and RFC 6238", () => {
    const appendixD = [
      "755224",
      "287082",
      "359152",
      "969429",
      "338314",
      "254676",
      "287922",
      "162583",
      "399871",
      "520489",
    ];
    expect(appendixD.map((_password, counter) => passwordAt(secret, counter))).toEqual(appendixD);
    // The last six of the eight digits of appendix B.
    for (const [seconds, password] of [
      [59, "287082"],
      [1_111_111_109, "081804"],
      [20_000_000_000, "353130"],
    ] as const) {
      expect(passwordAt(secret, Math.floor(seconds / 30))).toBe(password);
    }
  });

  test("is good in its period, the one before and the one after, to the microsecond", () => {
    const counter = 1000;
    const password = passwordAt(secret, counter);
    const isGood = (micros: number) => isValidOneTimePassword(secret, password, DateTime.fromMicros(micros));
    const [first, last] = [(counter - 1) * period, (counter + 2) * period - 1];
    expect([first - 1, first, counter * period, last, last + 1].map(isGood)).toEqual([false, true, true, true, false]);
  });

  test("is compared as a text", () => {
    const now = DateTime.fromMicros(37_037_036 * period);
    expect(isValidOneTimePassword(secret, "081804", now)).toBe(true);
    for (const other of ["81804", " 081804", "081804 ", "0818040", "", "０81804", "081805"]) {
      expect(isValidOneTimePassword(secret, other, now), other).toBe(false);
    }
  });
});

describe("one-time passwords over the wire", () => {
  let server: RunningServer;
  let target: Target;
  beforeAll(async () => {
    await ready();
    server = await startTestServer({ testbed: true, store: await createStrictStore() });
    target = await Target.connect(server.url, server.administrationToken);
  });
  afterAll(() => server.close());

  test("failures double the time to wait, key by key; a success ends it; the wait itself costs nothing", async () => {
    const org = await target.organization();
    const bob = await org.addUser();
    const create = async () => {
      const key = await org.send(bob, totpCreateOpaqueKey, {});
      expectStatus(key, "ok");
      return key.opaqueKeyId;
    };
    const [one, other] = [await create(), await create()];
    const pending = await org.send(bob, totpSetupGetSecret, {});
    expectStatus(pending, "ok");
    const secret = pending.totpSecret;
    const start = Math.ceil((org.now() as number) / period) * period;
    const freeze = async (at: number) => {
      const body = JSON.stringify({ now_us: at });
      await (await fetch(`${server.url}/testbed/clock`, { method: "PUT", body })).arrayBuffer();
    };
    const right = (at: number) => passwordAt(secret, Math.floor(at / period));
    await freeze(start);
    const late = { oneTimePassword: passwordAt(secret, start / period - 2) };
    expectStatus(await org.send(bob, totpSetupConfirm, late), "invalid_one_time_password");
    expectStatus(await org.send(bob, totpSetupConfirm, { oneTimePassword: right(start) }), "ok");

    const fetchKey = (opaqueKeyId: typeof one, oneTimePassword: string) =>
      org.sendAnonymously(totpFetchOpaqueKey, { userId: bob.userId, opaqueKeyId, oneTimePassword });
    let now = start;
    for (const wait of [1, 2, 4, 8]) {
      expectStatus(await fetchKey(one, "wrong!"), "invalid_one_time_password");
      for (const early of [now, now + wait * 1e6]) {
        await freeze(early);
        const throttled = await fetchKey(one, right(early));
        expect(throttled).toEqual({ status: "throttled", waitUntil: now + wait * 1e6 });
      }
      now += wait * 1e6 + 1;
      await freeze(now);
    }
    expectStatus(await fetchKey(other, right(now)), "ok");
    expectStatus(await fetchKey(one, right(now)), "ok");
    expectStatus(await fetchKey(one, "wrong!"), "invalid_one_time_password");
    await freeze(now + 1e6 + 1);
    expectStatus(await fetchKey(one, right(now)), "ok");

    const freezeUser = (frozen: boolean) =>
      target.administrate("POST", `/organizations/${org.id}/users/freeze`, { frozen, user_id: bob.userId });
    await freezeUser(true);
    expectStatus(await fetchKey(one, right(now)), "invalid_one_time_password");
    await freezeUser(false);
    expectStatus(await fetchKey(one, right(now)), "ok");
    await target.controls.shiftClock(null);
    await org.revoke(bob);
    expectStatus(await fetchKey(one, right((org.now() as number) - 0)), "invalid_one_time_password");
  });
});
