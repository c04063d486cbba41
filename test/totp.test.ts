import { SettableClock } from "@parsec/base";
import { AnonymousConnection, AuthenticatedConnection, createTransport } from "@parsec/connection";
import {
  type AvailableDevice,
  changeProtection,
  confirmTotp,
  confirmTotpReset,
  createTotpKey,
  fetchTotpKey,
  listDevices,
  loadDevice,
  oneTimePassword,
  type Protection,
  resetTotpSecret,
  type TotpSecret,
  TotpThrottledError,
  totpStatus,
  withTotp,
} from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { parseAddress } from "@parsec/types";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bootstrapped, newPerson, type Person } from "./support/greeting-people.ts";

// The second factor of a device, against the real server, from the setup to a reset.

let server: RunningServer;
const transport = createTransport();

beforeAll(async () => {
  server = await startServer({ dev: true });
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

let organizations = 0;

/** A person with one device, and the two ways to the server that the second factor takes. */
async function alice() {
  organizations += 1;
  const person: Person = await newPerson();
  const session = await bootstrapped(server, `Totp${organizations}`, person);
  onTestFinished(() => session.close());
  const [available] = await listDevices(person.deviceStore);
  if (available === undefined) throw new Error("no device");
  const device = await loadDevice(person.deviceStore, available.path, person.protection);
  const { hostname, port, useSsl } = device.serverUrl;
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { kind: "organization", hostname, port, useSsl, organizationId, rootVerifyKey } as const;
  const authenticated = new AuthenticatedConnection({ transport, address, deviceId, signingKey });
  const anonymous = new AnonymousConnection({ transport, address });
  return { person, device, available, authenticated, anonymous };
}

type Alice = Awaited<ReturnType<typeof alice>>;

/** The application on the phone: it was given the text of the secret. */
function phone(secret: TotpSecret): (now?: number) => Promise<string> {
  const bits = [...secret.base32].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const key = Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
  return (now = Date.now() * 1000) => oneTimePassword(key, now);
}

async function setUp({ authenticated, device }: Alice): Promise<() => Promise<string>> {
  const status = await totpStatus(authenticated, device.organizationId);
  if (status.status !== "unconfirmed") throw new Error("set up already");
  const code = phone(status.secret);
  await confirmTotp(authenticated, await code());
  return code;
}

/** Puts the second factor around the device's protection. */
async function protect({ authenticated, person, available }: Alice): Promise<AvailableDevice> {
  const totp = await createTotpKey(authenticated);
  const { deviceStore, protection } = person;
  return changeProtection(deviceStore, available.path, protection, withTotp(protection, totp));
}

function protectedBy({ userId, totpOpaqueKeyId }: AvailableDevice) {
  if (totpOpaqueKeyId === null) throw new Error("no second factor");
  return { userId, totpOpaqueKeyId };
}

test("setup: a secret in all its forms, confirmed by a code, once", async () => {
  const { authenticated, device } = await alice();
  const status = await totpStatus(authenticated, device.organizationId);
  if (status.status !== "unconfirmed") throw new Error("set up already");
  const { secret } = status;
  expect(await totpStatus(authenticated, device.organizationId)).toMatchObject({ secret: { base32: secret.base32 } });
  const uri = new URL(secret.uri);
  expect(decodeURIComponent(secret.uri)).toContain(`otpauth://totp/parsec.cloud:${device.organizationId}?`);
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: secret.base32, issuer: "parsec.cloud" });
  expect(secret.qrCodeSvg()).toMatch(/^<svg /);
  expect(secret.qrCodeText().split("\n").length).toBeGreaterThan(15);

  const code = phone(secret);
  const wrong = (await code()) === "000000" ? "000001" : "000000";
  await expect(confirmTotp(authenticated, wrong)).rejects.toMatchObject({ code: "INVALID_ONE_TIME_PASSWORD" });
  await confirmTotp(authenticated, await code());
  await expect(confirmTotp(authenticated, await code())).rejects.toMatchObject({ code: "TOTP_ALREADY_SETUP" });
  expect(await totpStatus(authenticated, device.organizationId)).toEqual({ status: "confirmed" });
});

test("login: the device opens with its protection and a code, with neither alone", async () => {
  const one = await alice();
  const code = await setUp(one);
  const available = await protect(one);
  const { deviceStore, protection } = one.person;
  const open = (given: Protection) => loadDevice(deviceStore, available.path, given);

  await expect(open(protection)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  const totp = await fetchTotpKey(one.anonymous, protectedBy(available), await code());
  expect(await open(withTotp(protection, totp))).toMatchObject({ deviceId: one.device.deviceId });

  const stranger = await createTotpKey(one.authenticated);
  await expect(open(withTotp(protection, stranger))).rejects.toMatchObject({ code: "TOTP_DECRYPTION_FAILED" });

  await changeProtection(deviceStore, available.path, withTotp(protection, totp), protection);
  expect(await open(protection)).toMatchObject({ deviceId: one.device.deviceId });
});

test("wrong codes: refused, then throttled with the time to wait", async () => {
  const one = await alice();
  const code = await setUp(one);
  const device = protectedBy(await protect(one));
  const wrong = (await code()) === "000000" ? "000001" : "000000";
  await expect(fetchTotpKey(one.anonymous, device, wrong)).rejects.toMatchObject({ code: "INVALID_ONE_TIME_PASSWORD" });
  const error = await fetchTotpKey(one.anonymous, device, await code()).catch((caught: unknown) => caught);
  if (!(error instanceof TotpThrottledError)) throw new Error("not throttled");
  expect(error.waitUntil).toBeGreaterThan(Date.now() * 1000 - 2_000_000);
});

test("a key that is not the user's looks like a wrong code", async () => {
  const [one, other] = [await alice(), await alice()];
  const code = await setUp(one);
  await setUp(other);
  const foreign = {
    userId: one.device.userId,
    totpOpaqueKeyId: (await createTotpKey(other.authenticated)).opaqueKeyId,
  };
  await expect(fetchTotpKey(one.anonymous, foreign, await code())).rejects.toMatchObject({
    code: "INVALID_ONE_TIME_PASSWORD",
  });
});

test("reset: the link gives a new secret once, and the protected device opens again", async () => {
  const one = await alice();
  await setUp(one);
  const available = await protect(one);
  const response = await fetch(
    `${server.url}/administration/organizations/${one.device.organizationId}/users/reset_totp`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${server.administrationToken}`, "content-type": "application/json" },
      body: JSON.stringify({ user_id: one.device.userId }),
    },
  );
  const reset: unknown = await response.json();
  expect(response.status).toBe(200);
  if (typeof reset !== "object" || reset === null || !("totp_reset_url" in reset)) throw new Error("no link");
  const link = parseAddress("totp_reset", String(reset.totp_reset_url));

  const code = phone(await resetTotpSecret(one.anonymous, link));
  await confirmTotpReset(one.anonymous, link, await code());
  await expect(resetTotpSecret(one.anonymous, link)).rejects.toMatchObject({ code: "BAD_TOTP_RESET_TOKEN" });
  await expect(confirmTotpReset(one.anonymous, link, await code())).rejects.toMatchObject({
    code: "BAD_TOTP_RESET_TOKEN",
  });

  const totp = await fetchTotpKey(one.anonymous, protectedBy(available), await code());
  const { deviceStore, protection } = one.person;
  const opened = await loadDevice(deviceStore, available.path, withTotp(protection, totp));
  expect(opened).toMatchObject({ deviceId: one.device.deviceId });
});

test("a code is good in the period before and after its own, and in no other", async () => {
  const clock = new SettableClock(1_800_000_000_000_000);
  const timely = await startServer({ dev: true, clock });
  onTestFinished(() => timely.close());
  const person = await newPerson({ clock });
  const session = await bootstrapped(timely, "Timely", person);
  onTestFinished(() => session.close());
  const [available] = await listDevices(person.deviceStore);
  if (available === undefined) throw new Error("no device");
  const device = await loadDevice(person.deviceStore, available.path, person.protection);
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const authenticated = new AuthenticatedConnection({ transport, address, deviceId, signingKey, clock });
  const anonymous = new AnonymousConnection({ transport, address, clock });
  const status = await totpStatus(authenticated, organizationId);
  if (status.status !== "unconfirmed") throw new Error("set up already");
  const codeAt = phone(status.secret);
  const periods = (count: number) => codeAt(clock.now() + count * 30_000_000);
  for (const count of [-2, 2]) {
    await expect(confirmTotp(authenticated, await periods(count))).rejects.toMatchObject({
      code: "INVALID_ONE_TIME_PASSWORD",
    });
  }
  await confirmTotp(authenticated, await periods(-1));

  const { opaqueKeyId } = await createTotpKey(authenticated);
  const fetchAt = async (count: number) => {
    // Long enough for no throttling.
    clock.advance(3_600_000);
    return fetchTotpKey(anonymous, { userId: device.userId, totpOpaqueKeyId: opaqueKeyId }, await periods(count));
  };
  for (const count of [-1, 0, 1]) expect(await fetchAt(count)).toMatchObject({ opaqueKeyId });
  for (const count of [-2, 2])
    await expect(fetchAt(count)).rejects.toMatchObject({ code: "INVALID_ONE_TIME_PASSWORD" });
});
