import { PrivateKey, ready, SecretKey, VerifyKey } from "@parsec/crypto";
import { listDevices, listPreparedDevices, memoryDeviceStore, password } from "@parsec/device";
import { deviceCreate, inviteClaimerStep, inviteGreeterStep, userCreate } from "@parsec/protocol";
import { memoryDriver } from "@parsec/storage";
import {
  AccessToken,
  type Codec,
  decode,
  encode,
  HumanHandle,
  InviteDeviceConfirmation,
  InviteDeviceData,
  InviteShamirRecoveryConfirmation,
  InviteShamirRecoveryData,
  InviteUserConfirmation,
  InviteUserData,
  LocalDevice,
  openInvitePayload,
  parseAddress,
  type SignedCertificate,
  type sealInvitePayload,
  unsecureLoadCertificate,
  verifyCertificate,
} from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import "../../../../test/support/key-equality.ts";
import { ClaimerChoosesCode } from "../../src/invitations/claim.ts";
import { DeviceClaim, UserClaim } from "../../src/invitations/claims.ts";
import { GreeterShowsCode } from "../../src/invitations/greet.ts";
import { type Met } from "../../src/invitations/greeting/attempt.ts";
import { type ClaimerAttempt, meetGreeter } from "../../src/invitations/greeting/claimer.ts";
import { type GreetContext, meetClaimer } from "../../src/invitations/greeting/greeter.ts";
import type { GreetingSecrets } from "../../src/invitations/greeting/secrets.ts";
import { ShareRequest } from "../../src/invitations/recovery/greet-recovery.ts";
import { RecoveryShare, ShareClaim } from "../../src/invitations/recovery/share-claim.ts";
import { DeviceRequest, UserRequest } from "../../src/invitations/requests.ts";
import { parsecPorts } from "../../src/ports.ts";
import { bytes, type RecordedGreeting, vectors } from "./support/greeting-vectors.ts";
import { claimerContext, EagerClock, greeterContext, Replay, type Scene } from "./support/replay.ts";

// The recorded greetings, played again with our code on one side: each side whose private key is known. What the other
// side says is what was recorded, in five of them from the reference client.

beforeAll(() => ready());

const played: string[] = [];

const greeters = vectors.greetings.filter(({ greeter_private_key: key }) => key !== null);
const claimers = vectors.greetings.filter(({ claimer_private_key: key }) => key !== null);

afterAll(() => {
  console.log(`greeting.json: ${played.length} sides of ${vectors.greetings.length} greetings replayed`);
  expect(played).toHaveLength(8 * 2 - 5);
});

function secretsOf(privateKey: string | null, nonce: string): GreetingSecrets {
  if (privateKey === null) throw new Error("that side was played by the reference client");
  return { privateKey: () => PrivateKey.fromBytes(bytes(privateKey)), nonce: () => bytes(nonce) };
}

/** Steps and messages of one side, in the order of the conversation. A payload of ours has a nonce of its own. */
function scenes(greeting: RecordedGreeting, side: "greeter" | "claimer"): Scene[] {
  const start = message(greeting, `invite_${side}_start_greeting_attempt`);
  const notReady =
    side === "greeter"
      ? encode(inviteGreeterStep.reply, { status: "not_ready" })
      : encode(inviteClaimerStep.reply, { status: "not_ready" });
  const ownPayload = side === "greeter" ? 7 : 6;
  const steps = greeting.steps.map((step) => {
    const { request, reply, polls } = step[side];
    return {
      name: `step ${step.number}`,
      request: step.number === ownPayload ? undefined : bytes(request),
      replies: [...Array.from({ length: polls - 1 }, () => notReady), bytes(reply)],
    };
  });
  return [start, ...steps];
}

function message(greeting: RecordedGreeting, name: string): Scene {
  const recorded = greeting.other_messages[name];
  if (recorded === undefined) throw new Error(`no ${name} in ${greeting.name}`);
  return { name, request: bytes(recorded.request), replies: [bytes(recorded.reply)] };
}

/** The waits between polls that the recorded numbers of polls mean (spec 09b §3.1). */
function waitsOf(greeting: RecordedGreeting, side: "greeter" | "claimer", upTo = 8): number[] {
  return greeting.steps
    .filter(({ number }) => number <= upTo)
    .flatMap((step) => [62.5, 125, 250, 500, 1000, 1000].slice(0, step[side].polls - 1));
}

const device = (recorded: { readonly msgpack: string } | undefined) => {
  if (recorded === undefined) throw new Error("no such device");
  return decode(LocalDevice, bytes(recorded.msgpack));
};

describe("the greeter of", () => {
  test.each(greeters.map((greeting) => [greeting.name, greeting] as const))("%s", async (name, greeting) => {
    played.push(`greeter of ${name}`);
    const isShamir = greeting.kind === "SHAMIR_RECOVERY";
    const [start, ...steps] = scenes(greeting, "greeter");
    const ok =
      greeting.kind === "USER"
        ? encode(userCreate.reply, { status: "ok" })
        : encode(deviceCreate.reply, { status: "ok" });
    const created: Scene = { name: "create", replies: [ok] };
    const replay = new Replay([
      ...(start === undefined ? [] : [start]),
      ...steps.slice(0, 7),
      ...(isShamir ? [] : [created]),
      ...steps.slice(7),
      ...(isShamir ? [] : [message(greeting, "invite_complete")]),
    ]);
    const clock = new EagerClock();
    const own = device(greeting.greeter_device);
    const context = greeterContext(own, replay, clock);
    const token = AccessToken.fromBytes(bytes(greeting.invitation_token));
    if (token === undefined) throw new Error("not a token");
    const secrets = secretsOf(greeting.greeter_private_key, greeting.greeter_nonce);
    const met = await meetClaimer(context, token, {}, secrets);
    expect(met.codes).toEqual({ greeterSas: greeting.greeter_sas, claimerSas: greeting.claimer_sas });
    const sharedKey = SecretKey.fromBytes(bytes(greeting.shared_secret_key));
    expect(met.sharedKey.equals(sharedKey)).toBe(true);

    const stage = { context, token, met };
    if (greeting.kind === "USER") {
      const request = await trusted(new GreeterShowsCode(stage, UserRequest.read), greeting);
      const { profile, humanHandle, deviceLabel } = confirmationOf(greeting, InviteUserConfirmation, sharedKey);
      await request.createUser({ profile, humanHandle, deviceLabel });
      const confirmation = openSent(replay, InviteUserConfirmation, sharedKey);
      const { userId, deviceId } = confirmation;
      expect(confirmation).toEqual({
        ...confirmationOf(greeting, InviteUserConfirmation, sharedKey),
        userId,
        deviceId,
      });
      const keys = openInvitePayload(InviteUserData, bytes(greeting.claimer_payload.encrypted), sharedKey);
      expectCertificates(context, greeting, decode(userCreate.request, sentBytes(replay, "create")), {
        userId,
        deviceId,
        publicKey: keys.publicKey,
        verifyKey: keys.verifyKey,
      });
    } else if (greeting.kind === "DEVICE") {
      const request = await trusted(new GreeterShowsCode(stage, DeviceRequest.read), greeting);
      const { deviceLabel } = confirmationOf(greeting, InviteDeviceConfirmation, sharedKey);
      await request.createDevice({ deviceLabel });
      const confirmation = openSent(replay, InviteDeviceConfirmation, sharedKey);
      const { deviceId } = confirmation;
      expect(confirmation).toEqual({ ...confirmationOf(greeting, InviteDeviceConfirmation, sharedKey), deviceId });
      const { verifyKey } = openInvitePayload(InviteDeviceData, bytes(greeting.claimer_payload.encrypted), sharedKey);
      expectCertificates(context, greeting, decode(deviceCreate.request, sentBytes(replay, "create")), {
        deviceId,
        verifyKey,
      });
    } else {
      const { weightedShare: shares } = confirmationOf(greeting, InviteShamirRecoveryConfirmation, sharedKey);
      const held = { claimerUserId: own.userId, shares };
      const read = (given: typeof stage, payload: Uint8Array) => ShareRequest.read(given, payload, held);
      const request = await trusted(new GreeterShowsCode(stage, read), greeting);
      await request.sendShares();
      expect(openSent(replay, InviteShamirRecoveryConfirmation, sharedKey)).toEqual(
        confirmationOf(greeting, InviteShamirRecoveryConfirmation, sharedKey),
      );
    }
    expect(replay.next).toBeUndefined();
    expect(clock.waits).toEqual(waitsOf(greeting, "greeter"));
  });
});

/** Steps 4 to 6 of a greeter: the human picks the recorded code. */
async function trusted<Request>(showing: GreeterShowsCode<Request>, greeting: RecordedGreeting): Promise<Request> {
  expect(showing.greeterSas).toBe(greeting.greeter_sas);
  const choosing = await showing.waitPeerTrust();
  const code = choosing.claimerSasChoices.find((choice) => choice === greeting.claimer_sas);
  if (code === undefined) throw new Error("the right code is not among the choices");
  const trusting = await choosing.choose(code);
  return trusting.getRequest();
}

describe("the claimer of", () => {
  test.each(claimers.map((greeting) => [greeting.name, greeting] as const))("%s", async (name, greeting) => {
    played.push(`claimer of ${name}`);
    const replay = new Replay(scenes(greeting, "claimer"));
    const clock = new EagerClock();
    const address = parseAddress("invitation", greeting.invitation_address);
    const context = claimerContext(address, replay, clock);
    const secrets = secretsOf(greeting.claimer_private_key, greeting.claimer_nonce);
    const greeter = device(greeting.greeter_device);
    const met = await meetGreeter(context, greeter.userId, {}, secrets);
    expect(met.codes).toEqual({ greeterSas: greeting.greeter_sas, claimerSas: greeting.claimer_sas });
    const sharedKey = SecretKey.fromBytes(bytes(greeting.shared_secret_key));
    expect(met.sharedKey.equals(sharedKey)).toBe(true);

    const deviceStore = memoryDeviceStore();
    const ports = parsecPorts({ deviceStore, storage: memoryDriver(), transport: replay });
    const protection = password("P@ssw0rd.");
    if (greeting.kind === "USER") {
      const claim = await trusting(met, greeting, () => new UserClaim({ ports, address, met }));
      const asked = openInvitePayload(InviteUserData, bytes(greeting.claimer_payload.encrypted), sharedKey);
      const { requestedHumanHandle: human, requestedDeviceLabel: deviceLabel } = asked;
      const claimed = await claim.claim({ human, deviceLabel, protection });
      expect(openSent(replay, InviteUserData, sharedKey, "step 6")).toEqual({
        ...asked,
        publicKey: claimed.privateKey.publicKey,
        verifyKey: claimed.signingKey.verifyKey,
      });
      const { signingKey, privateKey, userRealmId, userRealmKey, localSymkey } = claimed;
      const ours = { signingKey, privateKey, userRealmId, userRealmKey, localSymkey };
      expect(claimed).toEqual({ ...device(greeting.claimer_device), ...ours });
    } else if (greeting.kind === "DEVICE") {
      const claim = await trusting(met, greeting, () => new DeviceClaim({ ports, address, met }));
      const asked = openInvitePayload(InviteDeviceData, bytes(greeting.claimer_payload.encrypted), sharedKey);
      const claimed = await claim.claim({ deviceLabel: asked.requestedDeviceLabel, protection });
      const { signingKey, localSymkey } = claimed;
      expect(openSent(replay, InviteDeviceData, sharedKey, "step 6")).toEqual({
        ...asked,
        verifyKey: signingKey.verifyKey,
      });
      expect(claimed).toEqual({ ...device(greeting.claimer_device), signingKey, localSymkey });
    } else {
      const claim = await trusting(met, greeting, () => new ShareClaim(met));
      const share = await claim.getShare();
      const { weightedShare } = confirmationOf(greeting, InviteShamirRecoveryConfirmation, sharedKey);
      expect(RecoveryShare.sharesOf(share)).toEqual(weightedShare);
      expect(share.recipient).toBe(greeter.userId);
      expect(openSent(replay, InviteShamirRecoveryData, sharedKey, "step 6")).toEqual({
        type: "invite_shamir_recovery_data",
      });
    }
    expect(replay.next).toBeUndefined();
    expect(clock.waits).toEqual(waitsOf(greeting, "claimer"));
    expect(await listDevices(deviceStore)).toHaveLength(greeting.kind === "SHAMIR_RECOVERY" ? 0 : 1);
    expect(await listPreparedDevices(deviceStore)).toEqual([]);
  });
});

/** Steps 4 and 5 of a claimer. */
async function trusting<Claim>(
  met: Met<ClaimerAttempt>,
  greeting: RecordedGreeting,
  makeClaim: () => Claim,
): Promise<Claim> {
  const greeter = { userId: met.attempt.greeter, humanHandle: HumanHandle.parse("greeter@example.com", "Greeter") };
  const choosing = new ClaimerChoosesCode({ met, greeter, makeClaim });
  expect(choosing.greeterSas).toBe(greeting.greeter_sas);
  const code = choosing.greeterSasChoices.find((choice) => choice === greeting.greeter_sas);
  if (code === undefined) throw new Error("the right code is not among the choices");
  const showing = await choosing.choose(code);
  expect(showing.claimerSas).toBe(greeting.claimer_sas);
  return showing.waitPeerTrust();
}

type Payload = Parameters<typeof sealInvitePayload>[1];

function confirmationOf<T extends Payload>(greeting: RecordedGreeting, codec: Codec<T>, sharedKey: SecretKey): T {
  return openInvitePayload(codec, bytes(greeting.greeter_payload.encrypted), sharedKey);
}

function sentBytes(replay: Replay, scene: string): Uint8Array {
  const body = replay.sent.get(scene);
  if (body === undefined) throw new Error(`${scene} was not sent`);
  return body;
}

/** The payload that we sent, in a step that is otherwise as recorded. */
function openSent<T extends Payload>(replay: Replay, codec: Codec<T>, sharedKey: SecretKey, scene = "step 7"): T {
  const body = sentBytes(replay, scene);
  if (scene === "step 6") {
    const { claimerStep } = decode(inviteClaimerStep.request, body);
    if (claimerStep.step !== "NUMBER_6_SEND_PAYLOAD") throw new Error("another step");
    return openInvitePayload(codec, claimerStep.claimerPayload, sharedKey);
  }
  const { greeterStep } = decode(inviteGreeterStep.request, body);
  if (greeterStep.step !== "NUMBER_7_SEND_PAYLOAD") throw new Error("another step");
  return openInvitePayload(codec, greeterStep.greeterPayload, sharedKey);
}

/** The certificates sent are those recorded, but for their time and for what was drawn by lot. */
function expectCertificates(
  { device: own }: GreetContext,
  { certificates = {}, greeter_device: greeter }: RecordedGreeting,
  request: object,
  drawn: Readonly<Record<string, unknown>>,
): void {
  const authorKey = VerifyKey.fromBytes(bytes(greeter.verify_key));
  expect(own.signingKey.verifyKey.equals(authorKey)).toBe(true);
  const sent = Object.entries(request).filter((entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array);
  expect(sent).toHaveLength(Object.keys(certificates).length);
  for (const [name, signed] of sent) {
    const recorded = certificates[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    if (recorded === undefined) throw new Error(`no ${name}`);
    const load = (from: Uint8Array): SignedCertificate =>
      verifyCertificate(unsecureLoadCertificate(from), authorKey).value;
    const ours = load(signed);
    const theirs = load(bytes(recorded.signed));
    const known = Object.fromEntries(Object.entries(drawn).filter(([field]) => field in theirs));
    expect(ours).toEqual({ ...theirs, ...known, timestamp: ours.timestamp });
  }
}
