import { generateKeyPairSync, type KeyObject, privateEncrypt, publicDecrypt } from "node:crypto";
import { ready } from "@parsec/crypto";
import { commands, cryptpadRegisterSession, type FieldsOf, scwsServiceMutualChallenges } from "@parsec/protocol";
import { VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runScenario, scenarios, Target } from "../conformance/index.ts";
import { Coverage } from "../conformance/support/client.ts";
import { expectStatus } from "../conformance/support/organization.ts";
import { type RunningServer, type ScwsConfig } from "../src/index.ts";
import { startTestServer } from "./support/start.ts";
import { createStrictStore } from "./support/stores.ts";

const serviceKey = generateKeyPairSync("rsa", { modulusLength: 2048 });
const webApplicationKey = generateKeyPairSync("rsa", { modulusLength: 2048 });
const servicePem = serviceKey.publicKey.export({ type: "spki", format: "pem" }).toString();
const scws: ScwsConfig = {
  serviceKeys: [
    { pem: servicePem, revoked: false },
    { pem: servicePem, revoked: true },
  ],
  webApplicationKeyPem: webApplicationKey.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};

function signRaw(key: KeyObject, payload: Uint8Array): Uint8Array {
  return privateEncrypt(key, payload);
}

let server: RunningServer;
let target: Target;

beforeAll(async () => {
  await ready();
  const config = { cryptpadServerUrl: "https://cryptpad.example", scws };
  server = await startTestServer({ testbed: true, store: await createStrictStore(), config });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());

test.each(scenarios)("$name", (scenario) => runScenario(scenario, target), 60_000);

describe("what depends on the server's configuration", () => {
  const request = (changes: Partial<FieldsOf<typeof scwsServiceMutualChallenges>> = {}) =>
    target.send(scwsServiceMutualChallenges, {
      scwsServiceChallengePayload: new Uint8Array([1, 2]),
      scwsServiceChallengeSignature: signRaw(serviceKey.privateKey, new Uint8Array([1, 2])),
      scwsServiceChallengeKeyId: 0,
      webApplicationChallengePayload: new Uint8Array([3]),
      ...changes,
    });

  test("the smart card middleware's challenges", async () => {
    const ok = await request();
    expectStatus(ok, "ok");
    const signed = publicDecrypt(webApplicationKey.publicKey, ok.webApplicationChallengeSignature);
    expect([...signed]).toEqual([3]);
    for (const scwsServiceChallengeKeyId of [1, 2]) {
      expectStatus(await request({ scwsServiceChallengeKeyId }), "unknown_scws_service_challenge_key_id");
    }
    const other = { scwsServiceChallengePayload: new Uint8Array([9]) };
    expectStatus(await request(other), "invalid_scws_service_challenge_signature");
    const long = { webApplicationChallengePayload: new Uint8Array(256) };
    expectStatus(await request(long), "invalid_web_application_challenge_payload");
  });

  test("what a server without CryptPad and smart cards says", async () => {
    await using plain = await startTestServer({ dev: true });
    const there = await Target.connect(plain.url, plain.administrationToken);
    const org = await there.organization();
    const realm = await org.createRealm(org.alice);
    const session = await org.send(org.alice, cryptpadRegisterSession, {
      realmId: realm,
      documentId: VlobId.generate(),
      keyIndex: 1,
      timestamp: org.now(),
      encryptedCandidateViewKey: new Uint8Array(),
      encryptedCandidateEditKey: new Uint8Array(),
    });
    expectStatus(session, "cryptpad_unavailable");
    const challenges = await there.send(scwsServiceMutualChallenges, {
      scwsServiceChallengePayload: new Uint8Array(),
      scwsServiceChallengeSignature: new Uint8Array(),
      scwsServiceChallengeKeyId: 0,
      webApplicationChallengePayload: new Uint8Array(),
    });
    expectStatus(challenges, "not_available");
    elsewhere = there.coverage;
  });
});

/** What the server with other settings answered. */
let elsewhere = new Coverage();

/** Statuses that no server of this version gives, with the reason. */
const unproducible: Readonly<Record<string, string>> = {
  "authenticated/async_enrollment_accept/invalid_accept_payload_signature":
    "payload signatures are not verified by the server (spec 08b §5.10)",
  "anonymous/async_enrollment_submit/invalid_submit_payload_signature":
    "payload signatures are not verified by the server (spec 08b §1.2)",
};

test("every reply status of the schema is produced", () => {
  const all = Object.values(commands)
    .flatMap((family) => Object.values(family))
    .flatMap((command) => [...command.reply.statuses].map((status) => ({ command, status })));
  const missing = all
    .filter(({ command, status }) => !target.coverage.has(command, status) && !elsewhere.has(command, status))
    .map(({ command, status }) => `${command.family}/${command.name}/${status}`);
  console.log(`reply statuses produced: ${all.length - missing.length} of ${all.length}`);
  for (const name of missing) console.log(`not produced: ${name} (${unproducible[name] ?? "no reason"})`);
  expect(missing.filter((name) => unproducible[name] === undefined)).toEqual([]);
});
